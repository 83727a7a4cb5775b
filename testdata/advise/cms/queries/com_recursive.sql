WITH RECURSIVE tree AS (SELECT id, parent_id FROM comments WHERE id = 5 UNION ALL SELECT c.id, c.parent_id FROM comments c JOIN tree ON c.parent_id = tree.id) SELECT count(*) FROM tree;
