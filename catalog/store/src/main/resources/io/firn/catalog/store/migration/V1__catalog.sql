-- The catalog's facts (DESIGN §3). Offsets are half-open ranges [start_offset, end_offset).
create extension if not exists btree_gist;

create table tenant (
    tenant     text primary key check (tenant ~ '^[a-z][a-z0-9-]{0,39}$'),
    created_at timestamptz not null default now()
);
insert into tenant (tenant) values ('public');

-- ---- Iceberg ------------------------------------------------------------------------------------

create table iceberg_namespace (
    namespace  text primary key,
    properties text not null default '{}'
);

create table iceberg_table (
    table_id          uuid primary key,
    namespace         text not null references iceberg_namespace,
    name              text not null,
    metadata_location text not null,
    -- counts the tiering commits of the table; the snapshot summary carries the same number
    commit_seq        bigint not null default 0,
    created_at        timestamptz not null default now(),
    unique (namespace, name)
);

-- What the tiering transaction did: an unknown outcome is read back from here (C3).
create table table_commit (
    commit_uuid       uuid primary key,
    table_id          uuid not null references iceberg_table on delete cascade,
    commit_seq        bigint not null,
    metadata_location text not null,
    committed_at      timestamptz not null default now(),
    unique (table_id, commit_seq)
);

-- A topic and its table. A dropped topic stays as a tombstone (C14).
create table topic (
    topic_id uuid primary key,
    tenant   text not null,
    topic    text not null,
    table_id uuid unique references iceberg_table on delete set null,
    -- column plans per schema id, as io.firn.schema made them
    mapping  text not null default '',
    layout   text not null default 'raw',
    dropped  boolean not null default false
);

-- ---- Cold index (FORMAT §6.1) -------------------------------------------------------------------

create table cold_fence (
    topic_id     uuid not null,
    partition    integer not null,
    leader_epoch integer not null,
    cold_end     bigint not null default 0,
    log_start    bigint not null default 0,
    -- counts every change of the partition's cold state (C16)
    generation   bigint not null default 0,
    primary key (topic_id, partition)
);

create table cold_file (
    file_id   uuid primary key,
    topic_id  uuid not null,
    path      text not null unique, -- C13
    size      bigint not null,
    checksum  text not null,
    data_file text not null,
    state     text not null check (state in ('UPLOADED', 'COMMITTED', 'RETIRED', 'DELETED')),
    changed_at timestamptz not null default now()
);

create table cold_segment (
    segment_uuid      uuid primary key,
    topic_id          uuid not null,
    partition         integer not null,
    start_offset      bigint not null,
    end_offset        bigint not null,
    leader_epoch      integer not null,
    layout            text not null,
    content_digest    bytea not null,
    abort_index       text,
    epoch_lineage     text,
    producer_snapshot bytea not null,
    max_timestamp     bigint not null,
    deadline          timestamptz not null,
    state             text not null check (state in
        ('PREPARED', 'UPLOADED', 'COMMITTED', 'RETIRED', 'DELETED', 'ABANDONED')),
    commit_seq        bigint,
    -- retention took it from the log's readers, but its rows stay in the table
    keep_rows         boolean not null default false,
    changed_at        timestamptz not null default now(),
    check (0 <= start_offset and start_offset < end_offset),
    constraint cold_segment_committed_once exclude using gist (
        topic_id with =, partition with =, int8range(start_offset, end_offset) with &&
    ) where (state = 'COMMITTED')
);
create index cold_segment_by_state on cold_segment (state, topic_id, partition, start_offset);
create index cold_segment_by_partition on cold_segment (topic_id, partition, start_offset)
    where state = 'COMMITTED';

create table cold_extent (
    segment_uuid uuid not null references cold_segment on delete cascade,
    file_id      uuid not null references cold_file,
    start_offset bigint not null,
    end_offset   bigint not null,
    seek_index   text not null,
    primary key (segment_uuid, file_id, start_offset)
);
create index cold_extent_by_file on cold_extent (file_id);

-- Offsets that were deleted before they could be offloaded: a recorded gap, not a lost range (C2).
create table cold_skip (
    topic_id     uuid not null,
    partition    integer not null,
    start_offset bigint not null,
    end_offset   bigint not null,
    commit_seq   bigint not null,
    primary key (topic_id, partition, start_offset)
);

-- Folders of dropped tables: everything below goes when the grace is over (C5, C14).
create table dropped_location (
    location   text primary key,
    dropped_at timestamptz not null default now()
);

create table committer_lease (
    name       text primary key,
    holder     uuid not null,
    epoch      bigint not null,
    expires_at timestamptz not null
);

-- ---- Schema registry ----------------------------------------------------------------------------

create table schema_text (
    id         integer generated always as identity primary key,
    type       text not null,
    canonical  text not null,
    text       text not null,
    refs       text not null default '[]'
);
create unique index schema_text_once on schema_text (type, md5(canonical), md5(refs));

create table schema_version (
    tenant    text not null,
    subject   text not null,
    version   integer not null,
    schema_id integer not null references schema_text,
    deleted   boolean not null default false,
    primary key (tenant, subject, version)
);

create table schema_config (
    tenant        text not null,
    subject       text not null, -- empty: the tenant's default
    compatibility text not null,
    primary key (tenant, subject)
);
