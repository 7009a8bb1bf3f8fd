import { TABLES } from '../../common/names.ts';
import { ROLL_BACK, made } from './procedures.ts';

/** `MYSQL_ERRNO` 1644: the service tries each alone. */
const EACH_ALONE = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'A key of the batch became known in this moment; try each alone'";

/** In the order of create_property_v1's parameters. Everything comes as text, binary as hexadecimal: a JSON number may be a double. */
const COLUMNS = [
  'the_key CHAR(64) CHARACTER SET ascii', 'the_body CHAR(64) CHARACTER SET ascii',
  'address VARCHAR(255) CHARACTER SET utf8mb4', 'suburb_name VARCHAR(255) CHARACTER SET utf8mb4', 'property_type VARCHAR(100) CHARACTER SET utf8mb4',
  'bedrooms INT UNSIGNED', 'bathrooms INT UNSIGNED', 'carparks INT UNSIGNED', 'land_size INT UNSIGNED',
  'price DECIMAL(15, 2)', 'sold_time DATETIME', 'link VARCHAR(255) CHARACTER SET utf8mb4',
].map((column, index) => `${column} PATH '$[${index}]' NULL ON EMPTY ERROR ON ERROR`).join(', ');

/**
 * Many creations in one transaction: what a commit costs, the members share out among them. Each is a list of
 * create_property_v1's parameters. Its key is looked for first, since undoing one row would undo its neighbours; a key that becomes known after
 * that undoes all, and the service tries each alone. All take their keys' locks in the same order, so that two batches do not wait for each other.
 * First the row of finish_write_v1, then a row with a JSON list of [place, status, id, etag, is it a replay].
 */
const CREATE_MANY = `CREATE PROCEDURE create_properties_v1(IN the_batch JSON)
BEGIN
  DECLARE place INT UNSIGNED;
  DECLARE the_key, the_body, first_body BINARY(32);
  DECLARE new_address, new_suburb_name, new_link VARCHAR(255) CHARACTER SET utf8mb4;
  DECLARE new_property_type VARCHAR(100) CHARACTER SET utf8mb4;
  DECLARE new_bedrooms, new_bathrooms, new_carparks, new_land_size INT UNSIGNED;
  DECLARE new_price DECIMAL(15, 2);
  DECLARE new_sold_time DATETIME;
  DECLARE the_status SMALLINT UNSIGNED;
  DECLARE the_id BIGINT UNSIGNED;
  DECLARE the_etag BINARY(16);
  DECLARE is_replay, is_over BOOLEAN DEFAULT FALSE;
  DECLARE results MEDIUMTEXT CHARACTER SET ascii DEFAULT '';
  DECLARE batch CURSOR FOR SELECT one.place, UNHEX(one.the_key), UNHEX(one.the_body), one.address, one.suburb_name, one.property_type, one.bedrooms, one.bathrooms, one.carparks,
      one.land_size, one.price, one.sold_time, one.link
    FROM JSON_TABLE(the_batch, '$[*]' COLUMNS (place FOR ORDINALITY, ${COLUMNS})) AS one ORDER BY one.the_key, one.place;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET is_over = TRUE;
  DECLARE EXIT HANDLER FOR 1062 BEGIN ROLLBACK; ${EACH_ALONE}; END;
  ${ROLL_BACK}
  START TRANSACTION;
  OPEN batch;
  each_one: LOOP
    FETCH batch INTO place, the_key, the_body, new_address, new_suburb_name, new_property_type, new_bedrooms, new_bathrooms, new_carparks, new_land_size, new_price, new_sold_time, new_link;
    IF is_over THEN LEAVE each_one; END IF;
    UPDATE ${TABLES.idempotencyKey} SET replays = replays + 1 WHERE key_hash = the_key;
    SET is_replay = ROW_COUNT() = 1;
    IF is_replay THEN
      SELECT body_hash, status, property_id, etag INTO first_body, the_status, the_id, the_etag FROM ${TABLES.idempotencyKey} WHERE key_hash = the_key;
      IF first_body <> the_body THEN SET the_status = 422, the_id = NULL, the_etag = NULL; END IF;
    ELSE
      INSERT INTO ${TABLES.property} (address, suburb_name, property_type, bedrooms, bathrooms, carparks, land_size, price, sold_time, link)
        VALUES (new_address, new_suburb_name, new_property_type, new_bedrooms, new_bathrooms, new_carparks, new_land_size, new_price, new_sold_time, new_link);
      SET the_status = 201, the_id = LAST_INSERT_ID();
      SELECT etag INTO the_etag FROM ${TABLES.property} WHERE id = the_id;
      INSERT INTO ${TABLES.idempotencyKey} (key_hash, body_hash, status, property_id, etag) VALUES (the_key, the_body, the_status, the_id, the_etag);
    END IF;
    SET results = CONCAT(results, IF(results = '', '', ','), JSON_ARRAY(place, the_status, the_id, HEX(the_etag), is_replay));
  END LOOP;
  CLOSE batch;
  CALL finish_write_v1(NULL, NULL, NULL, FALSE);
  SELECT CONCAT('[', results, ']') AS results;
END`;

export const BATCH_PROCEDURES: readonly string[] = made('create_properties_v1', CREATE_MANY);
