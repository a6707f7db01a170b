-- Accounts and the payments between them: an application that Forkpoint knows nothing of. For each client and transaction the
-- row of `payment` stands beside Forkpoint's own row (writer, seq) in `witness`, so half a payment is found.

-- @setup
CREATE TABLE :"schema".account (id int PRIMARY KEY, balance numeric(12, 2) NOT NULL);
INSERT INTO :"schema".account SELECT id, 1000 FROM generate_series(1, 100) AS id;
CREATE TABLE :"schema".payment (
  client int, number int, payer int NOT NULL REFERENCES :"schema".account, payee int NOT NULL REFERENCES :"schema".account,
  amount numeric(12, 2) NOT NULL, reference text NOT NULL, PRIMARY KEY (client, number));
CREATE TABLE :"schema".audit (client int, number int, kind text NOT NULL, token uuid NOT NULL);

-- @transaction pay weight 3
-- @param payer range(1, 100)
-- @param payee range(1, 100)
-- @param amount range(0.01, 20.00)
-- @param reference text(10, 40)
-- @rows 1
UPDATE :"schema".account SET balance = balance - :amount::numeric WHERE id = :payer;
-- @rows 1
UPDATE :"schema".account SET balance = balance + :amount::numeric WHERE id = :payee;
INSERT INTO :"schema".payment VALUES (:writer, :seq, :payer, :payee, :amount, :reference);

-- @transaction note
-- @param kind pick('opened', 'closed', 'blocked')
-- @param token uuid
INSERT INTO :"schema".audit VALUES (:writer, :seq, :kind, :token);

-- @invariant money: payments neither make nor destroy money
SELECT sum(balance) AS found, 100000 AS expected FROM :"schema".account HAVING sum(balance) <> 100000;

-- @invariant whole: each witnessed transaction has its payment or its note, and neither is without a witness
SELECT writer, seq, client, number FROM :"schema".witness
  FULL JOIN (SELECT client, number FROM :"schema".payment UNION ALL SELECT client, number FROM :"schema".audit) AS done
         ON client = writer AND number = seq
 WHERE writer IS NULL OR client IS NULL;

-- @invariant balances: each balance follows from the payments
SELECT id, balance FROM :"schema".account
 WHERE balance <> 1000 + coalesce((SELECT sum(amount) FROM :"schema".payment WHERE payee = id), 0)
                       - coalesce((SELECT sum(amount) FROM :"schema".payment WHERE payer = id), 0);
