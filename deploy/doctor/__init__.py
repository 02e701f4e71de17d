"""What is wrong with a stack, from outside: looked at (`looking`), judged over plain values (`judging`)."""

from deploy.doctor.judging import Finding, Level, judge
from deploy.doctor.looking import look
from deploy.doctor.seen import Seen

__all__ = ["Finding", "Level", "Seen", "judge", "look"]
