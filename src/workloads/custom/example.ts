/** The file that the conformance suite tries this workload with. */
export const exampleApp = `-- @setup
CREATE TABLE :"schema".item (id int PRIMARY KEY, stock int NOT NULL);
INSERT INTO :"schema".item SELECT id, 1000 FROM generate_series(1, 100) AS id;
CREATE TABLE :"schema".sale (client int, seq int, item int, pieces int, PRIMARY KEY (client, seq));

-- @transaction sell weight 3
-- @param item range(1, 100)
-- @param pieces range(1, 5)
-- @rows 1
UPDATE :"schema".item SET stock = stock - :pieces WHERE id = :item;
INSERT INTO :"schema".sale VALUES (:writer, :seq, :item, :pieces);

-- @transaction restock
-- @param item range(1, 100)
WITH gone AS (DELETE FROM :"schema".sale WHERE item = :item RETURNING pieces)
UPDATE :"schema".item SET stock = stock + (SELECT coalesce(sum(pieces), 0) FROM gone) WHERE id = :item;

-- @invariant pieces: what is in stock and what was sold is what there was
SELECT item.id, stock, sum(pieces) AS sold FROM :"schema".item LEFT JOIN :"schema".sale ON sale.item = item.id
 GROUP BY item.id HAVING stock + coalesce(sum(pieces), 0) <> 1000;
`;
