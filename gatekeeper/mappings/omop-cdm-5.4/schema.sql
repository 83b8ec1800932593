-- The columns of the OMOP Common Data Model 5.4 that mapping.toml uses, on PostgreSQL, with the indices that it needs.
-- The whole model: https://ohdsi.github.io/CommonDataModel/cdm54.html. Real databases have more columns: they do no harm.

CREATE TABLE concept (
    concept_id       integer PRIMARY KEY,
    concept_name     varchar(255) NOT NULL,
    vocabulary_id    varchar(20) NOT NULL,
    concept_code     varchar(50) NOT NULL
);

CREATE TABLE person (
    person_id           integer PRIMARY KEY,
    gender_concept_id   integer NOT NULL,
    year_of_birth       integer NOT NULL,
    month_of_birth      integer,
    day_of_birth        integer,
    person_source_value varchar(50)
);

CREATE TABLE death (
    person_id      integer PRIMARY KEY,
    death_date     date NOT NULL,
    death_datetime timestamp
);

CREATE TABLE provider (
    provider_id   integer PRIMARY KEY,
    provider_name varchar(255)
);

CREATE TABLE care_site (
    care_site_id   integer PRIMARY KEY,
    care_site_name varchar(255)
);

CREATE TABLE visit_occurrence (
    visit_occurrence_id  integer PRIMARY KEY,
    person_id            integer NOT NULL,
    visit_concept_id     integer NOT NULL,
    visit_start_date     date NOT NULL,
    visit_start_datetime timestamp,
    visit_end_date       date NOT NULL,
    visit_end_datetime   timestamp,
    provider_id          integer,
    care_site_id         integer,
    visit_source_value   varchar(50)
);
CREATE INDEX idx_visit_person_id_1 ON visit_occurrence (person_id);

CREATE TABLE condition_occurrence (
    condition_occurrence_id     integer PRIMARY KEY,
    person_id                   integer NOT NULL,
    condition_concept_id        integer NOT NULL,
    condition_start_date        date NOT NULL,
    condition_start_datetime    timestamp,
    condition_end_date          date,
    condition_end_datetime      timestamp,
    condition_status_concept_id integer,
    provider_id                 integer,
    visit_occurrence_id         integer,
    condition_source_value      varchar(50)
);
CREATE INDEX idx_condition_person_id_1 ON condition_occurrence (person_id);

CREATE TABLE drug_exposure (
    drug_exposure_id             integer PRIMARY KEY,
    person_id                    integer NOT NULL,
    drug_concept_id              integer NOT NULL,
    drug_exposure_start_date     date NOT NULL,
    drug_exposure_start_datetime timestamp,
    drug_exposure_end_date       date NOT NULL,
    drug_exposure_end_datetime   timestamp,
    stop_reason                  varchar(20),
    quantity                     numeric,
    sig                          text,
    route_concept_id             integer,
    provider_id                  integer,
    visit_occurrence_id          integer,
    drug_source_value            varchar(50),
    route_source_value           varchar(50),
    dose_unit_source_value       varchar(50)
);
CREATE INDEX idx_drug_person_id_1 ON drug_exposure (person_id);

CREATE TABLE procedure_occurrence (
    procedure_occurrence_id integer PRIMARY KEY,
    person_id               integer NOT NULL,
    procedure_concept_id    integer NOT NULL,
    procedure_date          date NOT NULL,
    procedure_datetime      timestamp,
    procedure_end_date      date,
    procedure_end_datetime  timestamp,
    provider_id             integer,
    visit_occurrence_id     integer,
    procedure_source_value  varchar(50)
);
CREATE INDEX idx_procedure_person_id_1 ON procedure_occurrence (person_id);

CREATE TABLE measurement (
    measurement_id           integer PRIMARY KEY,
    person_id                integer NOT NULL,
    measurement_concept_id   integer NOT NULL,
    measurement_date         date NOT NULL,
    measurement_datetime     timestamp,
    operator_concept_id      integer,
    value_as_number          numeric,
    value_as_concept_id      integer,
    unit_concept_id          integer,
    range_low                numeric,
    range_high               numeric,
    provider_id              integer,
    visit_occurrence_id      integer,
    measurement_source_value varchar(50),
    unit_source_value        varchar(50),
    value_source_value       varchar(50)
);
CREATE INDEX idx_measurement_person_id_1 ON measurement (person_id);

CREATE TABLE observation (
    observation_id           integer PRIMARY KEY,
    person_id                integer NOT NULL,
    observation_concept_id   integer NOT NULL,
    observation_date         date NOT NULL,
    observation_datetime     timestamp,
    value_as_number          numeric,
    value_as_string          varchar(60),
    value_as_concept_id      integer,
    unit_concept_id          integer,
    provider_id              integer,
    visit_occurrence_id      integer,
    observation_source_value varchar(50),
    unit_source_value        varchar(50),
    value_source_value       varchar(50)
);
CREATE INDEX idx_observation_person_id_1 ON observation (person_id);

CREATE TABLE note (
    note_id               integer PRIMARY KEY,
    person_id             integer NOT NULL,
    note_date             date NOT NULL,
    note_datetime         timestamp,
    note_type_concept_id  integer NOT NULL,
    note_class_concept_id integer NOT NULL,
    note_title            varchar(250),
    note_text             text NOT NULL,
    provider_id           integer,
    visit_occurrence_id   integer
);
CREATE INDEX idx_note_person_id_1 ON note (person_id);
