CREATE TABLE articles (
    id         bigint PRIMARY KEY,
    title      text NOT NULL,
    body       text,
    published  boolean NOT NULL,
    updated_at timestamptz NOT NULL
);
ALTER TABLE articles REPLICA IDENTITY FULL;
INSERT INTO articles VALUES (1, 'Hello', 'from PostgreSQL', true, now()), (2, 'Draft', 'not yet', false, now());
CREATE TABLE debezium_signal (id varchar(64) PRIMARY KEY, type text, data text);
ALTER TABLE articles OWNER TO app;
ALTER TABLE debezium_signal OWNER TO app;
