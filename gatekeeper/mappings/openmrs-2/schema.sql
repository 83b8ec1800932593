-- The columns of OpenMRS 2.x (2.3 to 2.7) that mapping.toml uses, on MariaDB or MySQL, with the indices that it needs. OpenMRS
-- makes these indices itself, for its foreign keys. Real databases have more tables and columns: they do no harm.

CREATE TABLE person (
    person_id     INT PRIMARY KEY,
    gender        VARCHAR(50),
    birthdate     DATE,
    dead          BOOLEAN NOT NULL DEFAULT FALSE,
    death_date    DATETIME,
    voided        BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE person_name (
    person_name_id INT PRIMARY KEY,
    person_id      INT NOT NULL,
    preferred      BOOLEAN NOT NULL DEFAULT FALSE,
    prefix         VARCHAR(50),
    given_name     VARCHAR(50),
    middle_name    VARCHAR(50),
    family_name    VARCHAR(50),
    voided         BOOLEAN NOT NULL DEFAULT FALSE,
    KEY name_for_person (person_id)
);

CREATE TABLE person_address (
    person_address_id INT PRIMARY KEY,
    person_id         INT NOT NULL,
    preferred         BOOLEAN NOT NULL DEFAULT FALSE,
    address1          VARCHAR(255),
    city_village      VARCHAR(255),
    state_province    VARCHAR(255),
    postal_code       VARCHAR(50),
    country           VARCHAR(50),
    voided            BOOLEAN NOT NULL DEFAULT FALSE,
    KEY address_for_person (person_id)
);

CREATE TABLE patient (
    patient_id INT PRIMARY KEY,
    voided     BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE patient_identifier_type (
    patient_identifier_type_id INT PRIMARY KEY,
    name                       VARCHAR(50) NOT NULL
);

CREATE TABLE patient_identifier (
    patient_identifier_id INT PRIMARY KEY,
    patient_id            INT NOT NULL,
    identifier            VARCHAR(50) NOT NULL,
    identifier_type       INT NOT NULL,
    preferred             BOOLEAN NOT NULL DEFAULT FALSE,
    voided                BOOLEAN NOT NULL DEFAULT FALSE,
    KEY idx_patient_identifier_patient (patient_id)
);

CREATE TABLE encounter_type (
    encounter_type_id INT PRIMARY KEY,
    name              VARCHAR(50) NOT NULL
);

CREATE TABLE location (
    location_id INT PRIMARY KEY,
    name        VARCHAR(255) NOT NULL
);

CREATE TABLE encounter (
    encounter_id       INT PRIMARY KEY,
    encounter_type     INT NOT NULL,
    patient_id         INT NOT NULL,
    location_id        INT,
    encounter_datetime DATETIME NOT NULL,
    voided             BOOLEAN NOT NULL DEFAULT FALSE,
    KEY encounter_patient (patient_id)
);

CREATE TABLE concept (
    concept_id INT PRIMARY KEY,
    retired    BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE concept_name (
    concept_name_id   INT PRIMARY KEY,
    concept_id        INT,
    name              VARCHAR(255) NOT NULL,
    locale            VARCHAR(50) NOT NULL,
    locale_preferred  BOOLEAN,
    concept_name_type VARCHAR(50),
    voided            BOOLEAN NOT NULL DEFAULT FALSE,
    KEY name_for_concept (concept_id)
);

CREATE TABLE concept_numeric (
    concept_id INT PRIMARY KEY,
    low_normal DOUBLE,
    hi_normal  DOUBLE,
    units      VARCHAR(50)
);

CREATE TABLE concept_reference_source (
    concept_source_id INT PRIMARY KEY,
    name              VARCHAR(50) NOT NULL,
    retired           BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE concept_reference_term (
    concept_reference_term_id INT PRIMARY KEY,
    concept_source_id         INT NOT NULL,
    name                      VARCHAR(255),
    code                      VARCHAR(255) NOT NULL,
    retired                   BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE concept_map_type (
    concept_map_type_id INT PRIMARY KEY,
    name                VARCHAR(255) NOT NULL
);

CREATE TABLE concept_reference_map (
    concept_map_id            INT PRIMARY KEY,
    concept_reference_term_id INT NOT NULL,
    concept_map_type_id       INT NOT NULL,
    concept_id                INT NOT NULL,
    KEY map_for_concept (concept_id)
);

CREATE TABLE obs (
    obs_id         INT PRIMARY KEY,
    person_id      INT NOT NULL,
    concept_id     INT NOT NULL,
    encounter_id   INT,
    obs_datetime   DATETIME NOT NULL,
    obs_group_id   INT,
    value_coded    INT,
    value_datetime DATETIME,
    value_numeric  DOUBLE,
    value_modifier VARCHAR(2),
    value_text     TEXT,
    value_complex  VARCHAR(1000),
    comments       VARCHAR(255),
    status         VARCHAR(16) NOT NULL DEFAULT 'FINAL',
    interpretation VARCHAR(32),
    voided         BOOLEAN NOT NULL DEFAULT FALSE,
    KEY person_obs (person_id),
    KEY obs_grouping_id (obs_group_id)
);

CREATE TABLE drug (
    drug_id    INT PRIMARY KEY,
    concept_id INT NOT NULL,
    name       VARCHAR(255),
    strength   VARCHAR(255)
);

CREATE TABLE orders (
    order_id         INT PRIMARY KEY,
    concept_id       INT NOT NULL,
    encounter_id     INT NOT NULL,
    patient_id       INT NOT NULL,
    order_action     VARCHAR(50) NOT NULL,
    urgency          VARCHAR(50) NOT NULL,
    date_activated   DATETIME,
    auto_expire_date DATETIME,
    date_stopped     DATETIME,
    fulfiller_status VARCHAR(50),
    voided           BOOLEAN NOT NULL DEFAULT FALSE,
    KEY order_for_patient (patient_id)
);

CREATE TABLE drug_order (
    order_id            INT PRIMARY KEY,
    drug_inventory_id   INT,
    drug_non_coded      VARCHAR(255),
    dose                DOUBLE,
    dose_units          INT,
    as_needed           BOOLEAN,
    route               INT,
    quantity            DOUBLE,
    num_refills         INT,
    dosing_instructions TEXT
);

CREATE TABLE allergy (
    allergy_id          INT PRIMARY KEY,
    patient_id          INT NOT NULL,
    severity_concept_id INT,
    coded_allergen      INT NOT NULL,
    non_coded_allergen  VARCHAR(255),
    allergen_type       VARCHAR(50) NOT NULL,
    comments            VARCHAR(1024),
    date_created        DATETIME NOT NULL,
    voided              BOOLEAN NOT NULL DEFAULT FALSE,
    KEY allergy_patient (patient_id)
);

CREATE TABLE allergy_reaction (
    allergy_reaction_id INT PRIMARY KEY,
    allergy_id          INT NOT NULL,
    reaction_concept_id INT NOT NULL,
    reaction_non_coded  VARCHAR(255),
    KEY reaction_allergy (allergy_id)
);

CREATE TABLE conditions (
    condition_id        INT PRIMARY KEY,
    patient_id          INT NOT NULL,
    encounter_id        INT,
    condition_coded     INT,
    condition_non_coded VARCHAR(255),
    clinical_status     VARCHAR(50) NOT NULL,
    verification_status VARCHAR(50),
    additional_detail   VARCHAR(255),
    onset_date          DATETIME,
    end_date            DATETIME,
    date_created        DATETIME NOT NULL,
    voided              BOOLEAN NOT NULL DEFAULT FALSE,
    KEY condition_patient (patient_id)
);
