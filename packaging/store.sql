-- A database for the store that several gatekeepers share, and the one role that uses it. Run it as an administrator of the server:
--     psql --set ON_ERROR_STOP=1 --file store.sql
-- The gatekeepers make and change their tables themselves, so the role owns this database, and can do nothing else on the server. Nobody
-- else gets in: who can read it reads which patient is which record, and the keys of the log.
CREATE ROLE medrec_store LOGIN PASSWORD 'choose-your-own' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 64;
CREATE DATABASE medrec_store OWNER medrec_store ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE medrec_store FROM PUBLIC;
