-- Rows below the log start leave the table, also from files that stay (C17).

-- rows_from: no row below it is owed to the table's readers (firn.table.retention=delete)
-- hidden_to: up to where the table has followed
alter table cold_fence
    add column rows_from bigint not null default 0,
    add column hidden_to bigint not null default 0;
create index cold_fence_to_hide on cold_fence (topic_id) where hidden_to < rows_from;

-- rows below it are taken out by the file's position deletes
alter table cold_extent add column hidden_to bigint not null default 0;

-- of a position delete file: the data file whose rows it takes out
alter table cold_file add column deletes_of uuid references cold_file;
create unique index cold_file_deletes_once on cold_file (deletes_of) where state = 'COMMITTED';
create index cold_file_deletes on cold_file (deletes_of) where deletes_of is not null;
