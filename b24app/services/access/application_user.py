"""The application's own user in a portal, which is nobody: it writes what no person writes.

Docs: https://apidocs.bitrix24.com/settings/system-user.html
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.models import Person, Portal


def find(session: Session, portal: Portal) -> Person | None:
    """The application's own user, if the portal has told us of one."""
    own = select(Person).where(Person.portal_id == portal.id, Person.is_application.is_(True))
    return session.scalars(own.order_by(Person.id.desc()).limit(1)).first()
