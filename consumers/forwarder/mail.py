"""E-mail: it travels and lies in the open, so it says that there is something to look at and never what (thin view)."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import aiosmtplib

from consumers.forwarder.failure import Failure, Fault, Outcome, Success, Withheld
from consumers.forwarder.ledger import Notice
from consumers.forwarder.message import Message, band_of
from consumers.forwarder.overtaken import IsOvertaken
from consumers.watch.wording import MODES, PRIORITIES
from schemas.alerts import Alert
from schemas.codes import AlertStatus

MAIL_TYPE = "message/rfc822"
_TAKEN = 250


def alert_mail(alert: Alert) -> bytes:
    """Subject and text: mode, urgency, how sure, and where to look. Nothing of the person, the entry or the place."""
    mode = MODES[alert.exercise]
    if alert.status is not AlertStatus.LIVE:
        return _mail(
            f"{mode}Tocsin: an alert was {alert.status.lower()}",
            f"The alert {alert.alert_id} was {alert.status.lower()} at {_time(alert.revised_at)}. Stop acting on it.",
        )
    many = alert.digest is not None
    return _mail(
        f"{mode}Tocsin: {alert.priority.lower()} alert, {band_of(alert).lower()} {'matches' if many else 'match'}",
        f"There is {'a digest of alerts' if many else 'an alert'} for {alert.recipient}"
        f" (revision {alert.revision}, {_time(alert.revised_at)}).",
        PRIORITIES[alert.priority],
        f"Look at it in your console, or with: tocsin show {alert.recipient} {alert.alert_id}",
        "A match is no hit until a person has confirmed it.",
    )


def notice_mail(notice: Notice) -> bytes:
    """That another endpoint of the bureau was disabled."""
    return _mail(
        "Tocsin: an endpoint was disabled",
        f"The subscription {notice.subscription_id} was disabled at {_time(notice.at)} ({notice.why}): no alerts go"
        " there any more.",
        f"When it works again: tocsin resume {notice.participant} {notice.subscription_id[:8]}",
    )


def _mail(subject: str, *lines: str) -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(lines) + "\n")
    return message.as_bytes(policy=policy.SMTP)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str = "tocsin@localhost"
    start_tls: bool = True
    """STARTTLS with a valid certificate, or nothing is sent."""


class MailSender:
    """Sends to one address, a connection each."""

    def __init__(self, url: str, server: MailServer, total: float, tls: ssl.SSLContext) -> None:
        self._to = unquote(urlsplit(url).path)
        self._server = server
        self._total = total
        self._tls = tls

    async def close(self) -> None:
        """Nothing is kept open."""

    async def send(self, message: Message, now: datetime, is_overtaken: IsOvertaken) -> Outcome | Withheld:
        """One attempt. Repeats carry the same Message-ID, by which mail programs know them."""
        mail = message_from_bytes(message.body, policy=policy.SMTP)
        mail["From"], mail["To"] = self._server.sender, self._to
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{message.id}@{self._server.sender.rpartition('@')[2]}>"
        try:
            async with asyncio.timeout(self._total), self._connection() as connection:
                if is_overtaken():
                    return Withheld()
                await connection.send_message(mail)
        except TimeoutError:
            return Failure(Fault.TIMEOUT)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _of_code(max(one.code for one in refused.recipients))
        except aiosmtplib.SMTPAuthenticationError as error:
            return Failure(Fault.SERVER, error.code)  # about us, not about the message
        except aiosmtplib.SMTPResponseException as error:
            return _of_code(error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Failure(Fault.TLS if isinstance(error.__cause__, ssl.SSLError) else Fault.CONNECTION)
        return Success(_TAKEN)

    def _connection(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.user,
            password=self._server.password,
            start_tls=self._server.start_tls,
            tls_context=self._tls if self._server.start_tls else None,
            timeout=self._total,
        )


def _of_code(code: int) -> Failure:
    if code >= 500:
        return Failure(Fault.REFUSED, code)
    return Failure(Fault.OVERLOADED if code in (421, 450, 451, 452) else Fault.SERVER, code)
