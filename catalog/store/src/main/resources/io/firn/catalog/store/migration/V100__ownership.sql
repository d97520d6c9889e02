-- C18: a table owns its folder and everything below it; no two of them reach into each other.
alter table iceberg_table add column prefix text;
update iceberg_table set prefix = regexp_replace(metadata_location, '/metadata/[^/]*$', '');
alter table iceberg_table alter column prefix set not null;
alter table iceberg_table add constraint iceberg_table_prefix_once unique (prefix);

-- C5, C18: objects of a table's metadata that no live metadata names any more. They are tried
-- again until they are gone, and only then the row goes.
create table retired_object (
    path       text primary key,
    table_id   uuid not null references iceberg_table on delete cascade,
    kind       text not null check (kind in ('METADATA', 'MANIFEST_LIST')),
    -- the snapshot's sequence number: manifests are shared along it
    sequence   bigint not null default 0,
    retired_at timestamptz not null default now()
);
create index retired_object_by_table on retired_object (table_id, kind, sequence);

-- The commit that took the file from the table: a snapshot older than that still names it.
alter table cold_file add column retired_seq bigint;
update cold_file f set retired_seq = i.commit_seq
    from topic t join iceberg_table i using (table_id)
    where t.topic_id = f.topic_id and f.state = 'RETIRED';
create index cold_file_retired on cold_file (topic_id, changed_at) where state = 'RETIRED';

-- C16: a generation never comes twice, also when Postgres came back older and counts again from
-- there. So "nothing has changed since" is never said of another history.
create function cold_fence_generation() returns trigger language plpgsql as $$
begin
    if new.generation <> old.generation then
        new.generation := old.generation + 1 + floor(random() * 1000000)::bigint;
    end if;
    return new;
end $$;
create trigger cold_fence_generation before update on cold_fence
    for each row execute function cold_fence_generation();

-- ---- Schema registry ----------------------------------------------------------------------------

alter table schema_config alter column compatibility drop not null;
alter table schema_config add column mode text
    check (mode in ('READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'));
