import { TABLES } from '../../common/names.ts';

/**
 * The writes, each one procedure, so that it is one packet: no row lock ever waits for a process of ours. An exit handler
 * rolls back, since an error in a procedure leaves its transaction open. Every outcome commits something, a replay, a 404
 * and a PUT that changes nothing too: the commit needs the replicas' acknowledgement, and a deposed primary gets none.
 *
 * Names carry a version: during a rolling update the old process goes on calling the old ones.
 */

/** `MYSQL_ERRNO` 1644, the default of SIGNAL: the service tries again. 1836 (read-only): it looks for the primary again. */
const AGAIN = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'The key was purged in this moment; try again'";
const NOT_PRIMARY = "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1836, MESSAGE_TEXT = 'This member is not the primary of its epoch'";

export const ROLL_BACK = 'DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;';

/** The last step of each: read what the acknowledgement needs, commit, and only then say so. */
const FINISH = `CREATE PROCEDURE finish_write_v1(IN the_status SMALLINT UNSIGNED, IN the_id BIGINT UNSIGNED, IN the_etag BINARY(16), IN is_replay BOOLEAN)
BEGIN
  DECLARE the_epoch, the_generation BIGINT UNSIGNED;
  DECLARE the_member CHAR(36) CHARACTER SET ascii;
  DECLARE the_run_id VARCHAR(64) CHARACTER SET ascii;
  SELECT epoch, server_uuid INTO the_epoch, the_member FROM ${TABLES.epoch} WHERE id = 1;
  IF the_member IS NULL OR the_member <> @@server_uuid THEN ${NOT_PRIMARY}; END IF;
  SELECT generation, redis_run_id INTO the_generation, the_run_id FROM ${TABLES.cacheGeneration} WHERE id = 1 FOR SHARE;
  COMMIT;
  SELECT the_status AS status, the_id AS id, HEX(the_etag) AS etag, is_replay AS replay, the_epoch AS epoch, the_generation AS generation, the_run_id AS redisRunId;
END`;

const REPLAY = `CREATE PROCEDURE replay_write_v1(IN the_key BINARY(32), IN the_body BINARY(32))
BEGIN
  DECLARE first_body BINARY(32);
  DECLARE the_status SMALLINT UNSIGNED;
  DECLARE the_id BIGINT UNSIGNED;
  DECLARE the_etag BINARY(16);
  START TRANSACTION;
  UPDATE ${TABLES.idempotencyKey} SET replays = replays + 1 WHERE key_hash = the_key;
  IF ROW_COUNT() = 0 THEN ${AGAIN}; END IF;
  SELECT body_hash, status, property_id, etag INTO first_body, the_status, the_id, the_etag FROM ${TABLES.idempotencyKey} WHERE key_hash = the_key;
  IF first_body = the_body THEN CALL finish_write_v1(the_status, the_id, the_etag, TRUE);
  ELSE CALL finish_write_v1(422, NULL, NULL, TRUE);
  END IF;
END`;

/** Claims the key for the outcome; when somebody had it first, undoes everything and answers what that one answered. */
const CONCLUDE = `CREATE PROCEDURE conclude_write_v1(IN the_key BINARY(32), IN the_body BINARY(32), IN the_status SMALLINT UNSIGNED, IN the_id BIGINT UNSIGNED, IN the_etag BINARY(16))
BEGIN
  DECLARE is_known BOOLEAN DEFAULT FALSE;
  BEGIN
    DECLARE CONTINUE HANDLER FOR 1062 SET is_known = TRUE;
    INSERT INTO ${TABLES.idempotencyKey} (key_hash, body_hash, status, property_id, etag) VALUES (the_key, the_body, the_status, the_id, the_etag);
  END;
  IF is_known THEN
    ROLLBACK;
    CALL replay_write_v1(the_key, the_body);
  ELSE
    CALL finish_write_v1(the_status, the_id, the_etag, FALSE);
  END IF;
END`;

const FIELDS = `IN new_address VARCHAR(255) CHARACTER SET utf8mb4, IN new_suburb_name VARCHAR(255) CHARACTER SET utf8mb4, IN new_property_type VARCHAR(100) CHARACTER SET utf8mb4,
  IN new_bedrooms INT UNSIGNED, IN new_bathrooms INT UNSIGNED, IN new_carparks INT UNSIGNED, IN new_land_size INT UNSIGNED,
  IN new_price DECIMAL(15, 2), IN new_sold_time DATETIME, IN new_link VARCHAR(255) CHARACTER SET utf8mb4`;

const CREATE = `CREATE PROCEDURE create_property_v1(IN the_key BINARY(32), IN the_body BINARY(32), ${FIELDS})
BEGIN
  DECLARE new_id BIGINT UNSIGNED;
  DECLARE new_etag BINARY(16);
  ${ROLL_BACK}
  START TRANSACTION;
  INSERT INTO ${TABLES.property} (address, suburb_name, property_type, bedrooms, bathrooms, carparks, land_size, price, sold_time, link)
    VALUES (new_address, new_suburb_name, new_property_type, new_bedrooms, new_bathrooms, new_carparks, new_land_size, new_price, new_sold_time, new_link);
  SET new_id = LAST_INSERT_ID();
  SELECT etag INTO new_etag FROM ${TABLES.property} WHERE id = new_id;
  CALL conclude_write_v1(the_key, the_body, 201, new_id, new_etag);
END`;

/**
 * Preconditions are lists of ETags in hexadecimal, separated by commas; `*` stands for any; NULL: no precondition.
 * They count only for a property that exists: without one the answer is 404 (RFC 9110, 13.2.1).
 */
const CONDITIONS = 'IN if_match VARCHAR(4096) CHARACTER SET ascii, IN if_none_match VARCHAR(4096) CHARACTER SET ascii';

const lookAt = (change: string): string => `
  DECLARE old_etag, new_etag BINARY(16);
  DECLARE the_status SMALLINT UNSIGNED DEFAULT 404;
  ${ROLL_BACK}
  START TRANSACTION;
  SELECT etag INTO old_etag FROM ${TABLES.property} WHERE id = the_id FOR UPDATE;
  IF old_etag IS NOT NULL THEN
    IF if_match <> '*' AND NOT FIND_IN_SET(HEX(old_etag), if_match) THEN SET the_status = 412;
    ELSEIF if_none_match = '*' OR FIND_IN_SET(HEX(old_etag), if_none_match) THEN SET the_status = 412;
    ELSE
      ${change}
    END IF;
  END IF;
  CALL conclude_write_v1(the_key, the_body, the_status, the_id, new_etag);`;

const REPLACE_PARAMETERS = `IN the_key BINARY(32), IN the_body BINARY(32), IN the_id BIGINT UNSIGNED, ${CONDITIONS}, ${FIELDS}`;
const REPLACE_ROW = `UPDATE ${TABLES.property} SET address = new_address, suburb_name = new_suburb_name, property_type = new_property_type, bedrooms = new_bedrooms,
        bathrooms = new_bathrooms, carparks = new_carparks, land_size = new_land_size, price = new_price, sold_time = new_sold_time, link = new_link WHERE id = the_id;
      SELECT etag INTO new_etag FROM ${TABLES.property} WHERE id = the_id;
      SET the_status = 200;`;

const DELETE_PARAMETERS = `IN the_key BINARY(32), IN the_body BINARY(32), IN the_id BIGINT UNSIGNED, ${CONDITIONS}`;
const DELETE_ROW = `DELETE FROM ${TABLES.property} WHERE id = the_id;
      SET the_status = 204;`;

const REPLACE = `CREATE PROCEDURE replace_property_v1(${REPLACE_PARAMETERS})
BEGIN ${lookAt(REPLACE_ROW)}
END`;

const DELETE = `CREATE PROCEDURE delete_property_v1(${DELETE_PARAMETERS})
BEGIN ${lookAt(DELETE_ROW)}
END`;

/** First a row with the `sold_time` before, by which the pages are found that the change makes others of; only where there is a change. */
const WAS = `SELECT sold_time AS was FROM ${TABLES.property} WHERE id = the_id;
      `;

const REPLACE_2 = `CREATE PROCEDURE replace_property_v2(${REPLACE_PARAMETERS})
BEGIN ${lookAt(WAS + REPLACE_ROW)}
END`;

const DELETE_2 = `CREATE PROCEDURE delete_property_v2(${DELETE_PARAMETERS})
BEGIN ${lookAt(WAS + DELETE_ROW)}
END`;

/**
 * Deletes at most `at_most` keys older than `hours`, oldest first; the row says how many, NULL: another session is at it.
 * Few rows per transaction, none of which a writer touches.
 */
const PURGE = `CREATE PROCEDURE purge_idempotency_keys_v1(IN hours INT UNSIGNED, IN at_most INT UNSIGNED)
BEGIN
  DECLARE gone INT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; DO RELEASE_LOCK('holdfast.purge'); RESIGNAL; END;
  IF GET_LOCK('holdfast.purge', 0) = 1 THEN
    START TRANSACTION;
    DELETE FROM ${TABLES.idempotencyKey} WHERE created_at < NOW() - INTERVAL hours HOUR ORDER BY created_at LIMIT at_most;
    SET gone = ROW_COUNT();
    COMMIT;
    DO RELEASE_LOCK('holdfast.purge');
  END IF;
  SELECT gone;
END`;

/** A procedure cannot be replaced in one statement; a call in between is answered 1305 and tried again. */
export const made = (name: string, create: string): readonly string[] => [`DROP PROCEDURE IF EXISTS ${name}`, create];

export const PROCEDURES_V1: readonly string[] = [
  ...made('finish_write_v1', FINISH),
  ...made('replay_write_v1', REPLAY),
  ...made('conclude_write_v1', CONCLUDE),
  ...made('create_property_v1', CREATE),
  ...made('replace_property_v1', REPLACE),
  ...made('delete_property_v1', DELETE),
  ...made('purge_idempotency_keys_v1', PURGE),
];

/** Those that say where the property was in the list. */
export const PROCEDURES_V2: readonly string[] = [
  ...made('replace_property_v2', REPLACE_2),
  ...made('delete_property_v2', DELETE_2),
];
