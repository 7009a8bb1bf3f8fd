import { TABLES } from '../../common/names.ts';

/**
 * Everything that a property's representation is made of, in its order: what the ETag is a hash of, so that it changes
 * with the representation whoever changed the row. JSON keeps NULL apart from ''.
 */
const ETAG = `UNHEX(LEFT(SHA2(CAST(JSON_ARRAY(address, suburb_name, property_type, bedrooms, bathrooms, carparks, land_size,
  CAST(price AS CHAR), CAST(sold_time AS CHAR), link) AS CHAR), 256), 32))`;

/** The first tables. Every statement may run again: DDL is committed one by one, and a failover may come between. */
export const TABLES_V1: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS ${TABLES.property} (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    address VARCHAR(255) NOT NULL,
    suburb_name VARCHAR(255) NULL,
    property_type VARCHAR(100) NULL,
    bedrooms INT UNSIGNED NULL,
    bathrooms INT UNSIGNED NULL,
    carparks INT UNSIGNED NULL,
    land_size INT UNSIGNED NULL,
    price DECIMAL(15, 2) NULL COMMENT 'at most 15 digits: a double keeps them exactly',
    sold_time DATETIME NULL COMMENT 'UTC',
    link VARCHAR(255) NULL,
    etag BINARY(16) AS (${ETAG}) VIRTUAL,
    KEY property_by_sold_time (sold_time, id)
  ) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin`,

  `CREATE TABLE IF NOT EXISTS ${TABLES.idempotencyKey} (
    key_hash BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 over kind, method, path, key',
    body_hash BINARY(32) NOT NULL COMMENT 'SHA-256 over the body and the preconditions',
    status SMALLINT UNSIGNED NOT NULL,
    property_id BIGINT UNSIGNED NULL,
    etag BINARY(16) NULL COMMENT 'of the representation that was answered',
    replays INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'a replay changes it, so that it has something to commit',
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT 'UTC',
    KEY idempotency_key_by_age (created_at)
  )`,

  `CREATE TABLE IF NOT EXISTS ${TABLES.cacheGeneration} (
    id TINYINT UNSIGNED NOT NULL PRIMARY KEY CHECK (id = 1),
    generation BIGINT UNSIGNED NOT NULL,
    redis_run_id VARCHAR(64) NOT NULL COMMENT 'Redis data set that may hold cached pages; off: none',
    owner VARCHAR(64) NOT NULL COMMENT 'who turned it off',
    renewals BIGINT UNSIGNED NOT NULL
  ) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin`,

  `INSERT IGNORE INTO ${TABLES.cacheGeneration} (id, generation, redis_run_id, owner, renewals) VALUES (1, 0, 'off', '', 0)`,
];
