"""The day's checkpoint by mail, to people who keep it outside the house."""

from __future__ import annotations

from datetime import date, datetime
from email.message import EmailMessage

from workflows.audit.notes import parse_checkpoint, parse_note
from workflows.domain.clocks import SHANGHAI
from workflows.domain.written_days import day_en, day_zh
from workflows.jobs.mail import MailRoute, new_mail, send_mail


def send_checkpoint(
    route: MailRoute, origin: str, day: date, note: bytes, fingerprint: str, now: datetime
) -> None:
    """Send the last checkpoint of a day to everybody on the list.

    Raises:
        OSError: The server cannot be reached, or breaks off.
        SMTPException: It refuses the mail, or a recipient.
    """
    send_mail(route, checkpoint_message(route, origin, day, note, fingerprint, now))


def checkpoint_message(
    route: MailRoute, origin: str, day: date, note: bytes, fingerprint: str, now: datetime
) -> EmailMessage:
    """Write the mail: what people compare in its text, the note as it is attached to it."""
    checkpoint = parse_checkpoint(parse_note(note).text)
    at = datetime.fromisoformat(checkpoint.recorded_at).astimezone(SHANGHAI)
    subject = f"存证点 {day_zh(day)} {origin}"
    message = new_mail(route, ", ".join(route.recipients), subject, now)
    message.set_content(
        f"{origin}\n"
        f"{day_zh(day)}的存证点，请另行保存，不必回复。\n"
        f"The checkpoint of {day_en(day)}. Please keep it; no answer is needed.\n\n"
        f"记录数 size: {checkpoint.size}\n"
        f"根 root: {note.decode('utf-8').splitlines()[2]}\n"
        f"时间 time: {day_zh(at.date())} {at:%H:%M:%S} ({day_en(at.date())}, UTC+8)\n"
        f"密钥指纹 key fingerprint: {fingerprint}\n"
    )
    message.add_attachment(
        note, maintype="application", subtype="octet-stream", filename=f"{day.isoformat()}.note"
    )
    return message
