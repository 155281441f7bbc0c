-- A knowledge base: articles with their translations, authors, categories and comments.
-- No column is nullable and has a default at the same time: such a NULL would arrive as the default.

CREATE TABLE authors (
    id         bigint PRIMARY KEY,
    name       text NOT NULL,
    email      text NOT NULL UNIQUE,
    biography  text,
    active     boolean NOT NULL
);

CREATE TABLE categories (
    id         integer PRIMARY KEY,
    parent_id  integer REFERENCES categories,
    name       text NOT NULL,
    position   smallint NOT NULL
);

CREATE TABLE articles (
    id              bigint PRIMARY KEY,
    slug            text UNIQUE,
    title           text NOT NULL,
    body            text NOT NULL,                -- some are longer than 8 kB
    summary         text,
    author_id       bigint REFERENCES authors ON DELETE SET NULL,
    category_id     integer NOT NULL REFERENCES categories,
    language        varchar(5) NOT NULL,
    tags            text[],
    rating          numeric(3,2),
    views           bigint NOT NULL,
    published       boolean NOT NULL,             -- false: must not be in the index
    status          text NOT NULL CHECK (status IN ('draft', 'review', 'final', 'archived')),
    created_at      timestamptz NOT NULL,
    updated_at      timestamp NOT NULL,           -- UTC
    attachment      bytea,
    owner_email     text,                         -- may always read
    allowed_groups  text[],                       -- NULL or empty: nobody but the owner
    denied_users    text[]                        -- may not read, whatever their groups
);

CREATE TABLE article_translations (
    article_id     bigint NOT NULL REFERENCES articles ON UPDATE CASCADE ON DELETE CASCADE,
    language       varchar(5) NOT NULL,
    title          text NOT NULL,
    body           text NOT NULL,
    reviewed       boolean NOT NULL,
    translated_at  timestamptz,
    PRIMARY KEY (article_id, language)
);

CREATE TABLE comments (
    id          bigint PRIMARY KEY,
    article_id  bigint NOT NULL REFERENCES articles ON UPDATE CASCADE ON DELETE CASCADE,
    author_id   bigint REFERENCES authors ON DELETE SET NULL,
    body        text NOT NULL,
    stars       smallint,
    written_at  timestamptz NOT NULL
);

CREATE INDEX ON article_translations (article_id);
CREATE INDEX ON comments (article_id);

-- Updates and deletes of these carry the whole old row, and unchanged large values in full.
ALTER TABLE authors REPLICA IDENTITY FULL;
ALTER TABLE categories REPLICA IDENTITY FULL;
ALTER TABLE articles REPLICA IDENTITY FULL;
ALTER TABLE article_translations REPLICA IDENTITY FULL;
-- comments keeps the default identity: `before` is null on updates and holds only the key on deletes.
