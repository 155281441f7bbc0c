GRANT RELOAD, REPLICATION SLAVE, REPLICATION CLIENT, LOCK TABLES ON *.* TO app@'%';
USE app;
CREATE TABLE products (id int PRIMARY KEY, name varchar(200) NOT NULL, price decimal(10, 2));
INSERT INTO products VALUES (1, 'Lamp', 19.90), (2, 'Chair', NULL);
CREATE TABLE debezium_signal (id varchar(64) PRIMARY KEY, type text, data text);
