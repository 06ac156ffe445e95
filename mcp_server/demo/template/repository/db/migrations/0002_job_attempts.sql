alter table jobs add column attempts integer not null default 0;
