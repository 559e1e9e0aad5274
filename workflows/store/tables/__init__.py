"""The tables by subject."""

from workflows.store.base import Base
from workflows.store.tables.access import Account, Delegation, Grant, LoginFailure
from workflows.store.tables.cases import (
    Case,
    CaseFact,
    Clock,
    ClockPause,
    Draft,
    LateEntry,
    PersonEffect,
    Signature,
    Task,
)
from workflows.store.tables.clearance import ClearanceReply, OverNotice
from workflows.store.tables.desk import DefaultFilter, Errand, FollowUp, Phrase, SavedFilter
from workflows.store.tables.documents import IssuedDocument
from workflows.store.tables.erasures import Erasure
from workflows.store.tables.exchange import ImportDraft
from workflows.store.tables.exports import BundleJob
from workflows.store.tables.informants import (
    Informant,
    InformantLeak,
    InformantNotice,
    InformantOpening,
    InformantReader,
    SuperiorStub,
)
from workflows.store.tables.installation import (
    Heartbeat,
    Incident,
    Installation,
    NumberSeries,
    Outbox,
)
from workflows.store.tables.interventions import Intervention, Provision
from workflows.store.tables.journal import JournalPayload, JournalRecord, StreamHead, SubjectKey
from workflows.store.tables.log import (
    Checkpoint,
    DailyCheckpoint,
    LogEvent,
    LogLeaf,
    Sm3Checkpoint,
)
from workflows.store.tables.looks import Look
from workflows.store.tables.matters import (
    Attachment,
    FeedbackDuty,
    Matter,
    MatterImport,
    MatterMerge,
)
from workflows.store.tables.migrations import CaseMigration, MigratedCase
from workflows.store.tables.openness import BreakGlass, Publication
from workflows.store.tables.organisations import Organisation
from workflows.store.tables.outside import CalendarFeed, MailDigest, Webhook
from workflows.store.tables.packs import (
    CalendarDay,
    CalendarProposal,
    CalendarVersion,
    Marking,
    PackContent,
    PackFile,
    PackReport,
    PackVersion,
)
from workflows.store.tables.people import Duty, Handover, Person, Tenure
from workflows.store.tables.recusals import Declaration, Recusal, RecusedAct
from workflows.store.tables.secret_words import SecretWord
from workflows.store.tables.supervisions import Supervision
from workflows.store.tables.weak_lax import WeakLaxFollowUp, WeakLaxResult

__all__ = [
    "Account",
    "Attachment",
    "Base",
    "BreakGlass",
    "BundleJob",
    "CalendarDay",
    "CalendarFeed",
    "CalendarProposal",
    "CalendarVersion",
    "Case",
    "CaseFact",
    "CaseMigration",
    "Checkpoint",
    "ClearanceReply",
    "Clock",
    "ClockPause",
    "DailyCheckpoint",
    "Declaration",
    "DefaultFilter",
    "Delegation",
    "Draft",
    "Duty",
    "Erasure",
    "Errand",
    "FeedbackDuty",
    "FollowUp",
    "Grant",
    "Handover",
    "Heartbeat",
    "ImportDraft",
    "Incident",
    "Informant",
    "InformantLeak",
    "InformantNotice",
    "InformantOpening",
    "InformantReader",
    "Installation",
    "Intervention",
    "IssuedDocument",
    "JournalPayload",
    "JournalRecord",
    "LateEntry",
    "LogEvent",
    "LogLeaf",
    "LoginFailure",
    "Look",
    "MailDigest",
    "Marking",
    "Matter",
    "MatterImport",
    "MatterMerge",
    "MigratedCase",
    "NumberSeries",
    "Organisation",
    "Outbox",
    "OverNotice",
    "PackContent",
    "PackFile",
    "PackReport",
    "PackVersion",
    "Person",
    "PersonEffect",
    "Phrase",
    "Provision",
    "Publication",
    "Recusal",
    "RecusedAct",
    "SavedFilter",
    "SecretWord",
    "Signature",
    "Sm3Checkpoint",
    "StreamHead",
    "SubjectKey",
    "SuperiorStub",
    "Supervision",
    "Task",
    "Tenure",
    "WeakLaxFollowUp",
    "WeakLaxResult",
    "Webhook",
]
