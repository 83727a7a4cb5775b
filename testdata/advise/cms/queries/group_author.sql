SELECT article_id, count(*) FROM revisions WHERE article_id BETWEEN 100 AND 150 GROUP BY article_id;
