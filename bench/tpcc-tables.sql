-- The tables of tpcc-1 as PostgreSQL has them: the same primary keys and secondary indexes; foreign keys are in tpcc-foreign-keys.sql.
CREATE TABLE customer (
  c_id INT8 NOT NULL, c_d_id INT8 NOT NULL, c_w_id INT8 NOT NULL, c_first VARCHAR(16) NOT NULL,
  c_middle CHAR(2) NOT NULL, c_last VARCHAR(16) NOT NULL, c_street_1 VARCHAR(20) NOT NULL,
  c_street_2 VARCHAR(20) NOT NULL, c_city VARCHAR(20) NOT NULL, c_state CHAR(2) NOT NULL,
  c_zip CHAR(9) NOT NULL, c_phone CHAR(16) NOT NULL, c_since TIMESTAMP NOT NULL, c_credit CHAR(2) NOT NULL,
  c_credit_lim DECIMAL(12,2) NOT NULL, c_discount DECIMAL(4,4) NOT NULL, c_balance DECIMAL(12,2) NOT NULL,
  c_ytd_payment DECIMAL(12,2) NOT NULL, c_payment_cnt INT8 NOT NULL, c_delivery_cnt INT8 NOT NULL,
  c_data VARCHAR(500) NOT NULL, PRIMARY KEY (c_w_id, c_d_id, c_id)
);
CREATE INDEX customer_idx on customer (c_w_id ASC, c_d_id ASC, c_last ASC, c_first ASC);
CREATE TABLE district (
  d_id INT8 NOT NULL, d_w_id INT8 NOT NULL, d_name VARCHAR(10) NOT NULL, d_street_1 VARCHAR(20) NOT NULL,
  d_street_2 VARCHAR(20) NOT NULL, d_city VARCHAR(20) NOT NULL, d_state CHAR(2) NOT NULL,
  d_zip CHAR(9) NOT NULL, d_tax DECIMAL(4,4) NOT NULL, d_ytd DECIMAL(12,2) NOT NULL,
  d_next_o_id INT8 NOT NULL, PRIMARY KEY (d_w_id, d_id)
);
CREATE TABLE history (
  rowid UUID NOT NULL DEFAULT gen_random_uuid(), h_c_id INT8 NOT NULL, h_c_d_id INT8 NOT NULL,
  h_c_w_id INT8 NOT NULL, h_d_id INT8 NOT NULL, h_w_id INT8 NOT NULL, h_date TIMESTAMP,
  h_amount DECIMAL(6,2), h_data VARCHAR(24), PRIMARY KEY (h_w_id, rowid)
);
CREATE TABLE item (
  i_id INT8 NOT NULL, i_im_id INT8, i_name VARCHAR(24), i_price DECIMAL(5,2), i_data VARCHAR(50),
  PRIMARY KEY (i_id)
);
CREATE TABLE new_order (
  no_o_id INT8 NOT NULL, no_d_id INT8 NOT NULL, no_w_id INT8 NOT NULL, PRIMARY KEY (no_w_id, no_d_id, no_o_id)
);
CREATE TABLE "order" (
  o_id INT8 NOT NULL, o_d_id INT8 NOT NULL, o_w_id INT8 NOT NULL, o_c_id INT8, o_entry_d TIMESTAMP,
  o_carrier_id INT8, o_ol_cnt INT8, o_all_local INT8, PRIMARY KEY (o_w_id, o_d_id, o_id)
);
CREATE UNIQUE INDEX order_idx ON "order" (o_w_id ASC, o_d_id ASC, o_c_id ASC, o_id DESC) INCLUDE (o_entry_d, o_carrier_id);
CREATE TABLE order_line (
  ol_o_id INT8 NOT NULL, ol_d_id INT8 NOT NULL, ol_w_id INT8 NOT NULL, ol_number INT8 NOT NULL,
  ol_i_id INT8 NOT NULL, ol_supply_w_id INT8, ol_delivery_d TIMESTAMP, ol_quantity INT8,
  ol_amount DECIMAL(6,2), ol_dist_info CHAR(24), PRIMARY KEY (ol_w_id, ol_d_id, ol_o_id, ol_number)
);
CREATE TABLE stock (
  s_i_id INT8 NOT NULL, s_w_id INT8 NOT NULL, s_quantity INT8, s_dist_01 CHAR(24), s_dist_02 CHAR(24),
  s_dist_03 CHAR(24), s_dist_04 CHAR(24), s_dist_05 CHAR(24), s_dist_06 CHAR(24), s_dist_07 CHAR(24),
  s_dist_08 CHAR(24), s_dist_09 CHAR(24), s_dist_10 CHAR(24), s_ytd INT8, s_order_cnt INT8,
  s_remote_cnt INT8, s_data VARCHAR(50), PRIMARY KEY (s_w_id, s_i_id)
);
CREATE TABLE warehouse (
  w_id INT8 NOT NULL, w_name VARCHAR(10) NOT NULL, w_street_1 VARCHAR(20) NOT NULL,
  w_street_2 VARCHAR(20) NOT NULL, w_city VARCHAR(20) NOT NULL, w_state CHAR(2) NOT NULL,
  w_zip CHAR(9) NOT NULL, w_tax DECIMAL(4,4) NOT NULL, w_ytd DECIMAL(12,2) NOT NULL, PRIMARY KEY (w_id)
);
