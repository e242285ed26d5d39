"""The portal's REST: parameters in, method, envelope out."""
