create extension citext;
create extension hstore with schema extensions;
create extension if not exists pg_trgm schema public;
create extension if not exists "uuid-ossp";

create extension btree_gin;
create extension vector;
create extension if not exists pg_net;
create extension if not exists pg_cron;
create schema gis;
create extension postgis schema gis;
create extension unaccent;
create extension fuzzystrmatch with schema public;
create extension ltree;
create extension moddatetime;
