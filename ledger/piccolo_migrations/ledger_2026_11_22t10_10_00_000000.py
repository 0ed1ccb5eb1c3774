"""People, skills, rotated keys; search by words; the orders that tasks are listed in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ledger.ddl import migration

ID = "2026-11-22T10:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "People, skills, key rotation, search"

FORWARDS = [
    """CREATE TABLE person (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name varchar(200) NOT NULL DEFAULT '',
        role varchar(20) NOT NULL DEFAULT 'member'
            CONSTRAINT person_role_known CHECK (role IN ('owner', 'member', 'guest')),
        time_zone varchar(100) NOT NULL DEFAULT 'UTC',
        language varchar(35) NOT NULL DEFAULT 'en',
        created_at timestamptz NOT NULL DEFAULT now())""",
    """CREATE TABLE contact (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE ON UPDATE CASCADE,
        channel varchar(100) NOT NULL DEFAULT '',
        address varchar(500) NOT NULL DEFAULT '',
        label varchar(500) NOT NULL DEFAULT '',
        verified_at timestamptz)""",
    "CREATE UNIQUE INDEX contact_address ON contact (channel, address)",
    "CREATE INDEX contact_person_id ON contact (person_id)",
    """CREATE TABLE pairing (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        code varchar(8) NOT NULL UNIQUE,
        channel varchar(100) NOT NULL DEFAULT '',
        address varchar(500) NOT NULL DEFAULT '',
        display_name varchar(500) NOT NULL DEFAULT '',
        status varchar(20) NOT NULL DEFAULT 'pending'
            CONSTRAINT pairing_status_known CHECK (status IN ('pending', 'approved', 'rejected')),
        expires_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now())""",
    "CREATE INDEX pairing_waiting ON pairing (channel, expires_at) WHERE status = 'pending'",
    """CREATE TABLE preference (
        person_id uuid PRIMARY KEY REFERENCES person ON DELETE CASCADE ON UPDATE CASCADE,
        rules jsonb NOT NULL DEFAULT '{}',
        channels text[] NOT NULL DEFAULT '{}',
        quiet_from varchar(5), quiet_to varchar(5), digest_at varchar(5), brief_at varchar(5),
        escalate_after_s integer,
        voice_replies boolean NOT NULL DEFAULT false,
        version integer NOT NULL DEFAULT 1,
        CONSTRAINT preference_quiet_whole CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)))""",
    """CREATE TABLE skill (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name varchar(100) NOT NULL DEFAULT '',
        version integer NOT NULL DEFAULT 1,
        description text NOT NULL DEFAULT '',
        sha256 varchar(64) NOT NULL DEFAULT '',
        artifact_id uuid REFERENCES artifact ON DELETE SET NULL ON UPDATE CASCADE,
        status varchar(20) NOT NULL DEFAULT 'registered'
            CONSTRAINT skill_status_known CHECK (status IN ('registered', 'retired')),
        reason text,
        uses bigint NOT NULL DEFAULT 0,
        failures bigint NOT NULL DEFAULT 0,
        failures_in_a_row integer NOT NULL DEFAULT 0,
        last_used_at timestamptz,
        created_by varchar(500) NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        retired_at timestamptz)""",
    "CREATE UNIQUE INDEX skill_version ON skill (name, version)",
    "CREATE INDEX skill_artifact_id ON skill (artifact_id) WHERE artifact_id IS NOT NULL",
    "ALTER TABLE api_key ADD COLUMN old_hash bytea, ADD COLUMN old_expires_at timestamptz, "
    "ADD COLUMN spent_hashes bytea[] NOT NULL DEFAULT '{}', ADD COLUMN rotated_at timestamptz",
    "CREATE UNIQUE INDEX api_key_old_hash ON api_key (old_hash) WHERE old_hash IS NOT NULL",
    # Both as they are written and by their English stems. A point or a dash parts words: sales.csv is two.
    # A tsvector holds a megabyte at most, hence the limit.
    """CREATE FUNCTION words_of(said text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
        DECLARE parted text :=
            replace(replace(replace(replace(left(said, 50000), '.', ' '), '_', ' '), '/', ' '), '<', ' ');
        BEGIN
            RETURN to_tsvector('pg_catalog.english', parted) || to_tsvector('pg_catalog.simple', parted);
        END $$""",
    "CREATE INDEX turn_words ON turn USING gin (words_of(text))",
    # Beside the task, so that what moves a task (claims, endings) does not index its words again.
    """CREATE TABLE task_words (
        task_id uuid PRIMARY KEY REFERENCES task ON DELETE CASCADE ON UPDATE CASCADE,
        words tsvector NOT NULL)""",
    "CREATE INDEX task_words_words ON task_words USING gin (words)",
    """CREATE FUNCTION note_task_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO task_words (task_id, words) VALUES (NEW.id, words_of(NEW.title || ' ' || NEW.description))
        ON CONFLICT (task_id) DO UPDATE SET words = EXCLUDED.words;
        RETURN NULL; END $$""",
    """CREATE TRIGGER task_words AFTER INSERT OR UPDATE OF title, description ON task
        FOR EACH ROW EXECUTE FUNCTION note_task_words()""",
    "INSERT INTO task_words SELECT id, words_of(title || ' ' || description) FROM task",
    "CREATE INDEX task_updated ON task (updated_at, number)",
    "CREATE INDEX task_urgent ON task (priority, number)",
    "CREATE INDEX task_due ON task (due_at, number) WHERE due_at IS NOT NULL",
    "CREATE INDEX task_parent ON task (parent_id, number) WHERE parent_id IS NOT NULL",
]

BACKWARDS = [
    "DROP INDEX task_parent, task_due, task_urgent, task_updated",
    "DROP TRIGGER task_words ON task",
    "DROP FUNCTION note_task_words",
    "DROP TABLE task_words",
    "DROP INDEX turn_words",
    "DROP FUNCTION words_of",
    "DROP INDEX api_key_old_hash",
    "ALTER TABLE api_key DROP COLUMN old_hash, DROP COLUMN old_expires_at, "
    "DROP COLUMN spent_hashes, DROP COLUMN rotated_at",
    "DROP TABLE skill, preference, pairing, contact, person",
]


async def forwards() -> MigrationManager:
    return migration(ID, DESCRIPTION, forwards=FORWARDS, backwards=BACKWARDS)
