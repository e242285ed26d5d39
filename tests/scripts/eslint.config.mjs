/** The rules for the scripts of the pages: those that are recommended, with the names that a browser has. */

import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-shadow": ["error", { builtinGlobals: false }],
      eqeqeq: "error",
      "prefer-const": "error",
      complexity: ["error", 10],
      "max-lines-per-function": ["error", 40],
    },
  },
];
