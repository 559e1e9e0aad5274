"""The schema of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from workflows.store.guards import guard_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables, and the guards of the journal."""
    _make_part_1()
    _make_part_2()
    _make_part_3()
    _make_part_4()
    _make_part_5()
    _make_part_6()
    _make_part_7()
    guard_tables(op.get_bind())


def _make_part_1() -> None:
    op.create_table(
        "bundle_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column(
            "scope",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("org_path", sa.String(length=400), nullable=False),
        sa.Column("levels", sa.String(length=20), nullable=False),
        sa.Column("with_attachments", sa.Boolean(), nullable=False),
        sa.Column(
            "package",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("export_seq", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("manifest_hash", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("record_count", sa.Integer(), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "failure",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=True,
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'refused', 'queued', 'running', 'ready', 'failed', 'expired')",
            name=op.f("ck_bundle_job_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_job")),
        sa.UniqueConstraint("request_key", name=op.f("uq_bundle_job_request_key")),
    )
    op.create_index(
        op.f("ix_bundle_job_asked_by_id"), "bundle_job", ["asked_by", "id"], unique=False
    )
    op.create_index(
        "ix_bundle_job_ready",
        "bundle_job",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "ix_bundle_job_work",
        "bundle_job",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "calendar_version",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("horizon_on", sa.Date(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calendar_version")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )
    op.create_index(op.f("ix_checkpoint_recorded_at"), "checkpoint", ["recorded_at"], unique=False)
    op.create_table(
        "daily_checkpoint",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_checkpoint")),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (state = 'waiting')", name=op.f("ck_erasure_decided")
        ),
        sa.CheckConstraint(
            "decided_by <> asked_by OR state <> 'done'", name=op.f("ck_erasure_four_eyes")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'refused')", name=op.f("ck_erasure_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(
        "uq_erasure_waiting",
        "erasure",
        ["subject_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("job", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_seconds", sa.Integer(), nullable=False),
        sa.Column("late_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("house_id", sa.String(length=28), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_offset_seconds", sa.Integer(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "mode <> 'production' OR clock_offset_seconds = 0",
            name=op.f("ck_installation_true_clock"),
        ),
        sa.CheckConstraint(
            "mode IN ('production', 'demo', 'test')", name=op.f("ck_installation_mode")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "journal_payload",
        sa.Column("stream_id", sa.String(length=28), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "seq", name=op.f("pk_journal_payload")),
    )
    op.create_table(
        "journal_record",
        sa.Column("stream_id", sa.String(length=28), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=4), nullable=True),
        sa.Column("acting_for", sa.String(length=28), nullable=True),
        sa.Column("performed_by", sa.String(length=28), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "seq", name=op.f("pk_journal_record")),
    )
    op.create_index(
        op.f("ix_journal_record_actor_recorded_at"),
        "journal_record",
        ["actor", "recorded_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_record_kind_recorded_at"),
        "journal_record",
        ["kind", "recorded_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_journal_record_recorded_at_stream_id_seq"),
        "journal_record",
        ["recorded_at", "stream_id", "seq"],
        unique=False,
    )
    op.create_table(
        "log_event",
        sa.Column("house_seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "body",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("house_seq", name=op.f("pk_log_event")),
    )
    op.create_index(
        op.f("ix_log_event_kind_house_seq"), "log_event", ["kind", "house_seq"], unique=False
    )
    op.create_table(
        "log_leaf",
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stream_id", sa.String(length=28), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("stream_id", "seq", name=op.f("uq_log_leaf_stream_id_seq")),
    )
    op.create_table(
        "login_failure",
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_login_failure")),
    )
    op.create_table(
        "look",
        sa.Column("house_seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_strange", sa.Boolean(), nullable=False),
        sa.Column("is_off_hours", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("house_seq", name=op.f("pk_look")),
    )
    op.create_index(
        op.f("ix_look_account_id_looked_at"), "look", ["account_id", "looked_at"], unique=False
    )
    op.create_index(
        op.f("ix_look_case_id_looked_at"), "look", ["case_id", "looked_at"], unique=False
    )
    op.create_index(
        op.f("ix_look_looked_at_house_seq"), "look", ["looked_at", "house_seq"], unique=False
    )


def _make_part_2() -> None:
    op.create_table(
        "marking",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_marking")),
    )
    op.create_table(
        "matter_import",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=40), nullable=False),
        sa.Column(
            "counts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_matter_import")),
    )
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.String(length=28), nullable=True),
        sa.Column(
            "path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("spelt", sa.String(length=300), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.String(length=28), nullable=True),
        sa.Column("until_document", sa.String(length=120), nullable=True),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_organisation_level")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["organisation.id"], name=op.f("fk_organisation_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_index(
        op.f("ix_organisation_parent_id_kind"), "organisation", ["parent_id", "kind"], unique=False
    )
    op.create_index(op.f("ix_organisation_path"), "organisation", ["path"], unique=False)
    op.create_table(
        "pack_content",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_pack_content")),
    )
    op.create_table(
        "pack_version",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("pack_id", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("base_hash", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_seq", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (state IN ('checking', 'waiting'))",
            name=op.f("ck_pack_version_open"),
        ),
        sa.CheckConstraint(
            "(state IN ('shipped', 'approved')) = (in_force_on IS NOT NULL)",
            name=op.f("ck_pack_version_in_force"),
        ),
        sa.CheckConstraint(
            "decided_by <> submitted_by OR state IN ('shipped', 'waiting', 'withdrawn')",
            name=op.f("ck_pack_version_four_eyes"),
        ),
        sa.CheckConstraint(
            "decided_by IS NOT NULL OR state IN ('shipped', 'checking', 'waiting')",
            name=op.f("ck_pack_version_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["base_hash"], ["pack_version.hash"], name=op.f("fk_pack_version_base_hash")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_pack_version")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("staff_code", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("staff_code", name=op.f("uq_person_staff_code")),
    )
    op.create_index(op.f("ix_person_name"), "person", ["name"], unique=False)
    op.create_table(
        "secret_word",
        sa.Column("word", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('hard', 'warn', 'harmless', 'off')", name=op.f("ck_secret_word_kind")
        ),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_secret_word")),
    )
    op.create_table(
        "sm3_checkpoint",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_sm3_checkpoint")),
    )
    op.create_table(
        "stream_head",
        sa.Column("stream_id", sa.String(length=28), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("head_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", name=op.f("pk_stream_head")),
    )
    op.create_table(
        "subject_key",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_key")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_subject_key_subject_id")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("kinds", sa.String(length=60), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("next_index", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("off_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=28), nullable=True),
        sa.Column("office_id", sa.String(length=28), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_account_office_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("token", name=op.f("uq_account_token")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["calendar_version.version"], name=op.f("fk_calendar_day_version")
        ),
        sa.PrimaryKeyConstraint("version", "region", "date", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "calendar_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "change",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("change_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "effect",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (state = 'waiting')", name=op.f("ck_calendar_proposal_open")
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (version IS NOT NULL)",
            name=op.f("ck_calendar_proposal_in_force"),
        ),
        sa.CheckConstraint(
            "decided_by <> submitted_by OR state IN ('waiting', 'withdrawn')",
            name=op.f("ck_calendar_proposal_four_eyes"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_calendar_proposal_state"),
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["calendar_version.version"], name=op.f("fk_calendar_proposal_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_proposal")),
    )
    op.create_index(
        "uq_calendar_proposal_waiting",
        "calendar_proposal",
        ["change_hash"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "case_migration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("old_hash", sa.String(length=64), nullable=False),
        sa.Column("new_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "plan",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decided_by <> submitted_by OR state IN ('waiting', 'withdrawn')",
            name=op.f("ck_case_migration_four_eyes"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'done', 'refused', 'withdrawn', 'undoing', 'undone')",
            name=op.f("ck_case_migration_state"),
        ),
        sa.ForeignKeyConstraint(
            ["new_hash"], ["pack_version.hash"], name=op.f("fk_case_migration_new_hash")
        ),
        sa.ForeignKeyConstraint(
            ["old_hash"], ["pack_version.hash"], name=op.f("fk_case_migration_old_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_migration")),
    )
    op.create_index(
        "uq_case_migration_open",
        "case_migration",
        ["old_hash"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'approved', 'undoing')"),
        postgresql_where=sa.text("state IN ('waiting', 'approved', 'undoing')"),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_duty_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_index(op.f("ix_duty_org_path"), "duty", ["org_path"], unique=False)
    op.create_index(
        op.f("ix_duty_organisation_id_post"), "duty", ["organisation_id", "post"], unique=False
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("organisation_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("from_person_id", sa.String(length=28), nullable=False),
        sa.Column("to_person_id", sa.String(length=28), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("noted_by", sa.String(length=40), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("signed_document", sa.String(length=120), nullable=False),
        sa.Column("witness", sa.String(length=60), nullable=False),
        sa.Column("signed_by", sa.String(length=40), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["from_person_id"], ["person.id"], name=op.f("fk_handover_from_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_handover_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_person_id"], ["person.id"], name=op.f("fk_handover_to_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )


def _make_part_3() -> None:
    op.create_index(op.f("ix_handover_org_path"), "handover", ["org_path"], unique=False)
    op.create_index(
        op.f("ix_handover_organisation_id_post"),
        "handover",
        ["organisation_id", "post"],
        unique=False,
    )
    op.create_table(
        "matter",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("registering_office_id", sa.String(length=28), nullable=False),
        sa.Column("problem_type", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.String(length=40), nullable=False),
        sa.Column("determination", sa.String(length=20), nullable=False),
        sa.Column("determined_minutes", sa.String(length=80), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("merged_into_id", sa.String(length=28), nullable=True),
        sa.Column("relapse_of_id", sa.String(length=28), nullable=True),
        sa.Column("liaison_level", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["matter.id"], name=op.f("fk_matter_merged_into_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_matter_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["registering_office_id"],
            ["organisation.id"],
            name=op.f("fk_matter_registering_office_id"),
        ),
        sa.ForeignKeyConstraint(
            ["relapse_of_id"], ["matter.id"], name=op.f("fk_matter_relapse_of_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
        sa.UniqueConstraint("number", name=op.f("uq_matter_number")),
        sa.UniqueConstraint("request_key", name=op.f("uq_matter_request_key")),
    )
    op.create_index(op.f("ix_matter_merged_into_id"), "matter", ["merged_into_id"], unique=False)
    op.create_index(
        op.f("ix_matter_org_path_registered_at"),
        "matter",
        ["org_path", "registered_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_matter_organisation_id_found_on"),
        "matter",
        ["organisation_id", "found_on"],
        unique=False,
    )
    op.create_index(op.f("ix_matter_problem_type"), "matter", ["problem_type"], unique=False)
    op.create_index(op.f("ix_matter_relapse_of_id"), "matter", ["relapse_of_id"], unique=False)
    op.create_table(
        "pack_file",
        sa.Column("pack_hash", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["pack_hash"], ["pack_version.hash"], name=op.f("fk_pack_file_pack_hash")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["pack_content.sha256"], name=op.f("fk_pack_file_sha256")
        ),
        sa.PrimaryKeyConstraint("pack_hash", "path", name=op.f("pk_pack_file")),
    )
    op.create_table(
        "pack_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("engine", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "body",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["pack_hash"], ["pack_version.hash"], name=op.f("fk_pack_report_pack_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_report")),
    )
    op.create_index(
        op.f("ix_pack_report_pack_hash_kind"), "pack_report", ["pack_hash", "kind"], unique=False
    )
    op.create_table(
        "tenure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=28), nullable=False),
        sa.Column("organisation_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("subject_category", sa.String(length=30), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_tenure_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tenure_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenure")),
    )
    op.create_index(op.f("ix_tenure_org_path"), "tenure", ["org_path"], unique=False)
    op.create_index(
        op.f("ix_tenure_organisation_id_post"), "tenure", ["organisation_id", "post"], unique=False
    )
    op.create_index(op.f("ix_tenure_person_id"), "tenure", ["person_id"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_calendar_feed_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("matter_id", sa.String(length=28), nullable=False),
        sa.Column("parent_case_id", sa.String(length=28), nullable=True),
        sa.Column("subject_organisation_id", sa.String(length=28), nullable=False),
        sa.Column("subject_person_id", sa.String(length=28), nullable=True),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("pack_hash", sa.String(length=64), nullable=False),
        sa.Column("process_id", sa.String(length=60), nullable=False),
        sa.Column("marking_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("overdue_scope", sa.String(length=200), nullable=True),
        sa.Column("overdue_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("head_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "awaited",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "level = 'L3' OR (subject_person_id IS NULL) = (level = 'L1')",
            name=op.f("ck_cases_level"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'stopped', 'merged', 'ended')", name=op.f("ck_cases_state")
        ),
        sa.ForeignKeyConstraint(
            ["marking_hash"], ["marking.hash"], name=op.f("fk_cases_marking_hash")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_cases_matter_id")),
        sa.ForeignKeyConstraint(
            ["parent_case_id"], ["cases.id"], name=op.f("fk_cases_parent_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cases_subject_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_person_id"], ["person.id"], name=op.f("fk_cases_subject_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index(
        "ix_cases_beside",
        "cases",
        ["parent_case_id"],
        unique=False,
        sqlite_where=sa.text("parent_case_id IS NOT NULL"),
        postgresql_where=sa.text("parent_case_id IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_due_live",
        "cases",
        ["due_on", "id"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('ended', 'merged')"),
        postgresql_where=sa.text("state NOT IN ('ended', 'merged')"),
    )
    op.create_index(
        "ix_cases_ended",
        "cases",
        ["ended_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ended'"),
        postgresql_where=sa.text("state = 'ended'"),
    )
    op.create_index(op.f("ix_cases_marking_hash"), "cases", ["marking_hash"], unique=False)
    op.create_index(op.f("ix_cases_matter_id"), "cases", ["matter_id"], unique=False)
    op.create_index(
        "ix_cases_personal",
        "cases",
        ["org_path"],
        unique=False,
        sqlite_where=sa.text("level = 'L2'"),
        postgresql_where=sa.text("level = 'L2'"),
    )
    op.create_index(
        "ix_cases_place_ended",
        "cases",
        ["org_path", "level", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ended'"),
        postgresql_where=sa.text("state = 'ended'"),
    )
    op.create_index(
        "ix_cases_place_live",
        "cases",
        ["org_path", "rung", "level", "id", "opened_at", "overdue_on", "state"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('ended', 'merged')"),
        postgresql_where=sa.text("state NOT IN ('ended', 'merged')"),
    )


def _make_part_4() -> None:
    op.create_index(
        "ix_cases_sealed",
        "cases",
        ["org_path"],
        unique=False,
        sqlite_where=sa.text("level = 'L3'"),
        postgresql_where=sa.text("level = 'L3'"),
    )
    op.create_index(
        op.f("ix_cases_subject_person_id"), "cases", ["subject_person_id"], unique=False
    )
    op.create_table(
        "clearance_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("office_id", sa.String(length=28), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("drafted_by", sa.String(length=28), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=28), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (state = 'drafted')", name=op.f("ck_clearance_reply_decided")
        ),
        sa.CheckConstraint(
            "decided_by <> drafted_by OR state = 'refused'",
            name=op.f("ck_clearance_reply_four_eyes"),
        ),
        sa.CheckConstraint(
            "state IN ('drafted', 'issued', 'refused', 'replaced')",
            name=op.f("ck_clearance_reply_state"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_clearance_reply_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["account.id"], name=op.f("fk_clearance_reply_drafted_by")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_clearance_reply_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_clearance_reply_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["clearance_reply.id"], name=op.f("fk_clearance_reply_replaces_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearance_reply")),
        sa.UniqueConstraint(
            "office_id", "number", name=op.f("uq_clearance_reply_office_id_number")
        ),
    )
    op.create_index(
        op.f("ix_clearance_reply_org_path_state"),
        "clearance_reply",
        ["org_path", "state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_clearance_reply_person_id_state"),
        "clearance_reply",
        ["person_id", "state"],
        unique=False,
    )
    op.create_table(
        "feedback_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.String(length=28), nullable=False),
        sa.Column("towards", sa.String(length=30), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("noted_by", sa.String(length=40), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("given_document", sa.String(length=120), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_feedback_duty_matter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_duty")),
    )
    op.create_index(
        op.f("ix_feedback_duty_matter_id"), "feedback_duty", ["matter_id"], unique=False
    )
    op.create_table(
        "import_draft",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "sheets",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "result",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("left_out", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_import_draft_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_draft")),
    )
    op.create_index(op.f("ix_import_draft_made_at"), "import_draft", ["made_at"], unique=False)
    op.create_table(
        "informant",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("matter_id", sa.String(length=28), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.String(length=28), nullable=False),
        sa.Column(
            "office_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("is_real_name", sa.Boolean(), nullable=False),
        sa.Column("kept_on", sa.Date(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("is_recorded", sa.Boolean(), nullable=False),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(sealed IS NULL) = (erased_on IS NOT NULL)", name=op.f("ck_informant_erased")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_informant_matter_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_informant_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_informant")),
        sa.UniqueConstraint("matter_id", "no", name=op.f("uq_informant_matter_id_no")),
    )
    op.create_table(
        "mail_digest",
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_mail_digest_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mail_digest")),
    )
    op.create_table(
        "matter_merge",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("matter_id", sa.String(length=28), nullable=False),
        sa.Column("into_id", sa.String(length=28), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=40), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'merged', 'refused', 'undone')", name=op.f("ck_matter_merge_state")
        ),
        sa.ForeignKeyConstraint(["into_id"], ["matter.id"], name=op.f("fk_matter_merge_into_id")),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_matter_merge_matter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_merge")),
    )
    op.create_index(
        op.f("ix_matter_merge_into_id_state"), "matter_merge", ["into_id", "state"], unique=False
    )
    op.create_index(
        op.f("ix_matter_merge_matter_id_state"),
        "matter_merge",
        ["matter_id", "state"],
        unique=False,
    )
    op.create_table(
        "phrase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("form", sa.String(length=80), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_phrase_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
    )
    op.create_index(
        op.f("ix_phrase_account_id_form"), "phrase", ["account_id", "form"], unique=False
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("role", sa.String(length=4), nullable=False),
        sa.Column("organisation_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_role_grant_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "account_id",
            "role",
            "organisation_id",
            "from_on",
            name=op.f("uq_role_grant_account_id_role_organisation_id_from_on"),
        ),
    )
    op.create_index(op.f("ix_role_grant_account_id"), "role_grant", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_role_grant_role_org_path"), "role_grant", ["role", "org_path"], unique=False
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column(
            "values",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("office_id", sa.String(length=28), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_saved_filter_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_saved_filter_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_filter_account_id_name")),
    )
    op.create_index(op.f("ix_saved_filter_office_id"), "saved_filter", ["office_id"], unique=False)
    op.create_table(
        "superior_stub",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("office_id", sa.String(length=28), nullable=False),
        sa.Column(
            "office_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("envelope", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("registered_by", sa.String(length=28), nullable=False),
        sa.Column("forwarded_on", sa.Date(), nullable=True),
        sa.Column("forwarded_by", sa.String(length=28), nullable=True),
        sa.CheckConstraint(
            "(forwarded_on IS NULL) = (forwarded_by IS NULL)",
            name=op.f("ck_superior_stub_forwarded"),
        ),
        sa.ForeignKeyConstraint(
            ["forwarded_by"], ["account.id"], name=op.f("fk_superior_stub_forwarded_by")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_superior_stub_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["registered_by"], ["account.id"], name=op.f("fk_superior_stub_registered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_superior_stub")),
        sa.UniqueConstraint("number", name=op.f("uq_superior_stub_number")),
    )
    op.create_index(
        op.f("ix_superior_stub_office_path"), "superior_stub", ["office_path"], unique=False
    )
    op.create_table(
        "weak_lax_follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.String(length=28), nullable=False),
        sa.Column("measure", sa.String(length=24), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("entered_by", sa.String(length=28), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=28), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(withdrawn_by IS NULL) = (withdrawn_at IS NULL)",
            name=op.f("ck_weak_lax_follow_up_withdrawn"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_weak_lax_follow_up_amount")),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_weak_lax_follow_up_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_weak_lax_follow_up_matter_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["account.id"], name=op.f("fk_weak_lax_follow_up_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weak_lax_follow_up")),
    )
    op.create_index(
        op.f("ix_weak_lax_follow_up_matter_id"), "weak_lax_follow_up", ["matter_id"], unique=False
    )


def _make_part_5() -> None:
    op.create_table(
        "weak_lax_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.String(length=28), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("minutes_no", sa.String(length=80), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("self_checked_on", sa.Date(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("studied_on", sa.Date(), nullable=True),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.String(length=40), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "result IN ('determined', 'not_determined', 'lifted')",
            name=op.f("ck_weak_lax_result_result"),
        ),
        sa.CheckConstraint(
            "is_imported OR met_on IS NOT NULL", name=op.f("ck_weak_lax_result_met")
        ),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_weak_lax_result_matter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weak_lax_result")),
    )
    op.create_index(
        op.f("ix_weak_lax_result_matter_id_id"),
        "weak_lax_result",
        ["matter_id", "id"],
        unique=False,
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=True),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=40), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_attachment_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_case_id"), "attachment", ["case_id"], unique=False)
    op.create_index(op.f("ix_attachment_org_path"), "attachment", ["org_path"], unique=False)
    op.create_table(
        "break_glass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=28), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.String(length=28), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "superior_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("seen_by", sa.String(length=28), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'agreed') = (until_at IS NOT NULL)", name=op.f("ck_break_glass_bounded")
        ),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_break_glass_decided")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'refused')", name=op.f("ck_break_glass_state")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_break_glass_account_id")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_break_glass_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_break_glass_case_id")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_break_glass_decided_by")
        ),
        sa.ForeignKeyConstraint(["seen_by"], ["account.id"], name=op.f("fk_break_glass_seen_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
    )
    op.create_index(
        op.f("ix_break_glass_account_id_until_at"),
        "break_glass",
        ["account_id", "until_at"],
        unique=False,
    )
    op.create_index(op.f("ix_break_glass_case_id"), "break_glass", ["case_id"], unique=False)
    op.create_table(
        "case_fact",
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_fact_case_id")),
        sa.PrimaryKeyConstraint("case_id", "name", name=op.f("pk_case_fact")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("due_of", sa.String(length=210), nullable=True),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("armed_seq", sa.Integer(), nullable=False),
        sa.Column("ended_seq", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extension_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'fired', 'cancelled')", name=op.f("ck_clock_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_clock_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
        sa.UniqueConstraint("case_id", "path", "n", name=op.f("uq_clock_case_id_path_n")),
    )
    op.create_index(
        "ix_clock_due",
        "clock",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "ix_clock_paused",
        "clock",
        ["case_id"],
        unique=False,
        sqlite_where=sa.text("state = 'paused'"),
        postgresql_where=sa.text("state = 'paused'"),
    )
    op.create_table(
        "declaration",
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("has_ground", sa.Boolean(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_declaration_account_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_declaration_case_id")),
        sa.PrimaryKeyConstraint("case_id", "account_id", name=op.f("pk_declaration")),
    )
    op.create_table(
        "default_filter",
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("filter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_default_filter_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["saved_filter.id"], name=op.f("fk_default_filter_filter_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_default_filter")),
    )
    op.create_table(
        "delegation",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("from_account_id", sa.String(length=28), nullable=True),
        sa.Column("roles", sa.String(length=100), nullable=False),
        sa.Column("organisation_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("case_id", sa.String(length=28), nullable=True),
        sa.Column(
            "activities",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("instrument", sa.String(length=120), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'borrowing') = (case_id IS NOT NULL)", name=op.f("ck_delegation_case")
        ),
        sa.CheckConstraint(
            "(kind = 'delegation') = (from_account_id IS NOT NULL)",
            name=op.f("ck_delegation_lender"),
        ),
        sa.CheckConstraint("kind IN ('delegation', 'borrowing')", name=op.f("ck_delegation_kind")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_delegation_dates")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_delegation_account_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_delegation_case_id")),
        sa.ForeignKeyConstraint(
            ["from_account_id"], ["account.id"], name=op.f("fk_delegation_from_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_delegation_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(
        op.f("ix_delegation_account_id_until_on"),
        "delegation",
        ["account_id", "until_on"],
        unique=False,
    )
    op.create_index(op.f("ix_delegation_case_id"), "delegation", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_delegation_from_account_id"), "delegation", ["from_account_id"], unique=False
    )
    op.create_table(
        "draft",
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("task", sa.String(length=210), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column(
            "values",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_draft_case_id")),
        sa.PrimaryKeyConstraint("case_id", "task", "account_id", name=op.f("pk_draft")),
    )
    op.create_table(
        "errand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.String(length=28), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("set_by", sa.String(length=28), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_errand_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_errand_case_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_errand_office_id")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["account.id"], name=op.f("fk_errand_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_errand_case_id_seq")),
    )
    op.create_index(
        op.f("ix_errand_account_id"),
        "errand",
        ["account_id"],
        unique=False,
        sqlite_where=sa.text("done_seq IS NULL"),
        postgresql_where=sa.text("done_seq IS NULL"),
    )
    op.create_index(
        op.f("ix_errand_office_id"),
        "errand",
        ["office_id"],
        unique=False,
        sqlite_where=sa.text("done_seq IS NULL"),
        postgresql_where=sa.text("done_seq IS NULL"),
    )
    op.create_index(
        op.f("ix_errand_set_by"),
        "errand",
        ["set_by"],
        unique=False,
        sqlite_where=sa.text("done_seq IS NULL"),
        postgresql_where=sa.text("done_seq IS NULL"),
    )
    op.create_table(
        "follow_up",
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("look_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_follow_up_account_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_follow_up_case_id")),
        sa.PrimaryKeyConstraint("case_id", "account_id", name=op.f("pk_follow_up")),
    )
    op.create_index(
        op.f("ix_follow_up_account_id_look_on"),
        "follow_up",
        ["account_id", "look_on"],
        unique=False,
    )


def _make_part_6() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_incident_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_case_id"), "incident", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_incident_resolved_at_opened_at"),
        "incident",
        ["resolved_at", "opened_at"],
        unique=False,
    )
    op.create_table(
        "informant_notice",
        sa.Column("informant_id", sa.String(length=28), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("done_by", sa.String(length=28), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("manner", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["done_by"], ["account.id"], name=op.f("fk_informant_notice_done_by")
        ),
        sa.ForeignKeyConstraint(
            ["informant_id"], ["informant.id"], name=op.f("fk_informant_notice_informant_id")
        ),
        sa.PrimaryKeyConstraint("informant_id", "kind", name=op.f("pk_informant_notice")),
    )
    op.create_table(
        "informant_opening",
        sa.Column("house_seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("informant_id", sa.String(length=28), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_informant_opening_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["informant_id"], ["informant.id"], name=op.f("fk_informant_opening_informant_id")
        ),
        sa.PrimaryKeyConstraint("house_seq", name=op.f("pk_informant_opening")),
    )
    op.create_index(
        op.f("ix_informant_opening_informant_id"),
        "informant_opening",
        ["informant_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_informant_opening_opened_at"), "informant_opening", ["opened_at"], unique=False
    )
    op.create_table(
        "informant_reader",
        sa.Column("informant_id", sa.String(length=28), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("named_by", sa.String(length=28), nullable=False),
        sa.Column("named_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_informant_reader_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["informant_id"], ["informant.id"], name=op.f("fk_informant_reader_informant_id")
        ),
        sa.ForeignKeyConstraint(
            ["named_by"], ["account.id"], name=op.f("fk_informant_reader_named_by")
        ),
        sa.PrimaryKeyConstraint("informant_id", "account_id", name=op.f("pk_informant_reader")),
    )
    op.create_table(
        "intervention",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=True),
        sa.Column("office_id", sa.String(length=28), nullable=False),
        sa.Column(
            "office_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("kept_on", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_intervention_case_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_intervention_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intervention")),
        sa.UniqueConstraint("number", name=op.f("uq_intervention_number")),
    )
    op.create_index(op.f("ix_intervention_case_id"), "intervention", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_intervention_office_path"), "intervention", ["office_path"], unique=False
    )
    op.create_table(
        "issued_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=24), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column("office_id", sa.String(length=28), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("until_seq", sa.Integer(), nullable=False),
        sa.Column("issued_by", sa.String(length=28), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_issued_document_case_id")),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["account.id"], name=op.f("fk_issued_document_issued_by")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_issued_document_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_document")),
        sa.UniqueConstraint(
            "case_id", "seq", "document", name=op.f("uq_issued_document_case_id_seq_document")
        ),
        sa.UniqueConstraint(
            "office_id", "number", name=op.f("uq_issued_document_office_id_number")
        ),
    )
    op.create_index(
        op.f("ix_issued_document_org_path"), "issued_document", ["org_path"], unique=False
    )
    op.create_table(
        "late_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("task", sa.String(length=210), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("performed_by", sa.String(length=28), nullable=True),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column(
            "values",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("entered_by", sa.String(length=40), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_late_entry_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_entry")),
    )
    op.create_index(
        op.f("ix_late_entry_case_id_state"), "late_entry", ["case_id", "state"], unique=False
    )
    op.create_table(
        "migrated_case",
        sa.Column("migration_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "(seq IS NULL) = (outcome = 'stayed')", name=op.f("ck_migrated_case_seq")
        ),
        sa.CheckConstraint(
            "outcome IN ('moved', 'stayed', 'undone', 'went_on')",
            name=op.f("ck_migrated_case_outcome"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_migrated_case_case_id")),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["case_migration.id"], name=op.f("fk_migrated_case_migration_id")
        ),
        sa.PrimaryKeyConstraint("migration_id", "case_id", name=op.f("pk_migrated_case")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=True),
        sa.Column(
            "body",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("target", sa.String(length=28), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_outbox_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_sent_at_id"), "outbox", ["sent_at", "id"], unique=False)
    op.create_index(op.f("ix_outbox_target_id"), "outbox", ["target", "id"], unique=False)
    op.create_table(
        "over_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("office_id", sa.String(length=28), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("issued_by", sa.String(length=28), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_over_notice_case_id")),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["account.id"], name=op.f("fk_over_notice_issued_by")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_over_notice_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_over_notice_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_over_notice")),
        sa.UniqueConstraint("case_id", "seq", "kind", name=op.f("uq_over_notice_case_id_seq_kind")),
        sa.UniqueConstraint("office_id", "number", name=op.f("uq_over_notice_office_id_number")),
    )
    op.create_index(op.f("ix_over_notice_org_path"), "over_notice", ["org_path"], unique=False)
    op.create_table(
        "person_effect",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("person_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=8), server_default="stands", nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "standing IN ('stands', 'ended', 'void')", name=op.f("ck_person_effect_standing")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_person_effect_case_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_effect_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_effect")),
        sa.UniqueConstraint(
            "case_id", "seq", "kind", name=op.f("uq_person_effect_case_id_seq_kind")
        ),
    )
    op.create_index(op.f("ix_person_effect_org_path"), "person_effect", ["org_path"], unique=False)
    op.create_index(
        op.f("ix_person_effect_person_id_until_on"),
        "person_effect",
        ["person_id", "until_on"],
        unique=False,
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("audience", sa.String(length=120), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("minutes_no", sa.String(length=80), nullable=False),
        sa.Column("asked_by", sa.String(length=28), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.String(length=28), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_publication_decided")
        ),
        sa.CheckConstraint(
            "(state = 'decided') = (seq IS NOT NULL)", name=op.f("ck_publication_recorded")
        ),
        sa.CheckConstraint(
            "decided_by <> asked_by OR state <> 'decided'", name=op.f("ck_publication_four_eyes")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'decided', 'refused')", name=op.f("ck_publication_state")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_publication_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_publication_case_id")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_publication_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )


def _make_part_7() -> None:
    op.create_index(op.f("ix_publication_case_id"), "publication", ["case_id"], unique=False)
    op.create_table(
        "recusal",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("ground", sa.String(length=10), nullable=False),
        sa.Column("ground_since", sa.Date(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("performed_by", sa.String(length=28), nullable=True),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("office_id", sa.String(length=28), nullable=False),
        sa.Column(
            "office_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_recusal_decided")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'granted', 'refused')", name=op.f("ck_recusal_state")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recusal_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recusal_case_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_recusal_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["performed_by"], ["person.id"], name=op.f("fk_recusal_performed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
    )
    op.create_index(op.f("ix_recusal_account_id"), "recusal", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_recusal_case_id_account_id"), "recusal", ["case_id", "account_id"], unique=False
    )
    op.create_index(op.f("ix_recusal_state_due_on"), "recusal", ["state", "due_on"], unique=False)
    op.create_table(
        "signature",
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("signer", sa.String(length=40), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "values",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("role", sa.String(length=4), nullable=True),
        sa.Column("signed_for", sa.String(length=40), nullable=True),
        sa.Column("pair_with", sa.String(length=4), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_signature_case_id")),
        sa.PrimaryKeyConstraint("case_id", "path", "n", "signer", name=op.f("pk_signature")),
    )
    op.create_table(
        "supervision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("office_id", sa.String(length=28), nullable=False),
        sa.Column(
            "office_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begun_by", sa.String(length=28), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=28), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_supervision_ended")
        ),
        sa.ForeignKeyConstraint(["begun_by"], ["account.id"], name=op.f("fk_supervision_begun_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_supervision_case_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_supervision_ended_by")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["organisation.id"], name=op.f("fk_supervision_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision")),
    )
    op.create_index(op.f("ix_supervision_office_id"), "supervision", ["office_id"], unique=False)
    op.create_index(
        "uq_supervision_running",
        "supervision",
        ["case_id", "office_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column(
            "org_path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("activity", sa.String(length=60), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(length=2), nullable=False),
        sa.Column("line", sa.String(length=12), nullable=False),
        sa.Column("office_id", sa.String(length=28), nullable=True),
        sa.Column("roles", sa.String(length=60), nullable=False),
        sa.Column("claimant", sa.String(length=28), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=40), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_milestone", sa.Boolean(), nullable=False),
        sa.Column("opened_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_task_case_id")),
        sa.ForeignKeyConstraint(["claimant"], ["account.id"], name=op.f("fk_task_claimant")),
        sa.ForeignKeyConstraint(["office_id"], ["organisation.id"], name=op.f("fk_task_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("case_id", "path", "n", name=op.f("uq_task_case_id_path_n")),
    )
    op.create_index(
        "ix_task_claimant_open",
        "task",
        ["claimant", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_task_due_open",
        "task",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_task_office_open",
        "task",
        ["office_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_task_path_open",
        "task",
        ["org_path", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_task_roles_open",
        "task",
        ["roles"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_task_rung_open",
        "task",
        ["rung", "org_path", "path", "level", "due_on", "is_milestone", "state"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_task_open",
        "task",
        ["case_id", "path"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "clock_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "path", "n"],
            ["clock.case_id", "clock.path", "clock.n"],
            name="fk_clock_pause_clock",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_pause")),
    )
    op.create_index(op.f("ix_clock_pause_case_id"), "clock_pause", ["case_id"], unique=False)
    op.create_table(
        "informant_leak",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("informant_id", sa.String(length=28), nullable=False),
        sa.Column("case_id", sa.String(length=28), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("account_id", sa.String(length=28), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.String(length=28), nullable=True),
        sa.CheckConstraint(
            "kind IN ('refused', 'written', 'found')", name=op.f("ck_informant_leak_kind")
        ),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (closed_by IS NULL)", name=op.f("ck_informant_leak_closed")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_informant_leak_account_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_informant_leak_case_id")),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name=op.f("fk_informant_leak_closed_by")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["attachment.id"], name=op.f("fk_informant_leak_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["informant_id"], ["informant.id"], name=op.f("fk_informant_leak_informant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_informant_leak")),
    )
    op.create_index(op.f("ix_informant_leak_case_id"), "informant_leak", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_informant_leak_informant_id"), "informant_leak", ["informant_id"], unique=False
    )
    op.create_table(
        "provision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=28), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=120), nullable=False),
        sa.Column("asked_by", sa.String(length=28), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.String(length=28), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_provision_decided")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'refused')", name=op.f("ck_provision_state")
        ),
        sa.CheckConstraint("taken_at IS NULL OR state = 'agreed'", name=op.f("ck_provision_taken")),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_provision_four_eyes")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_provision_asked_by")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_provision_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["intervention.id"], name=op.f("fk_provision_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provision")),
    )
    op.create_index(op.f("ix_provision_entry_id"), "provision", ["entry_id"], unique=False)
    op.create_table(
        "recused_act",
        sa.Column("recusal_id", sa.String(length=28), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("settled_by", sa.String(length=40), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("outcome IN ('stands', 'redo')", name=op.f("ck_recused_act_outcome")),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL)", name=op.f("ck_recused_act_settled")
        ),
        sa.ForeignKeyConstraint(
            ["recusal_id"], ["recusal.id"], name=op.f("fk_recused_act_recusal_id")
        ),
        sa.PrimaryKeyConstraint("recusal_id", "seq", name=op.f("pk_recused_act")),
    )
