SELECT id, title FROM articles WHERE published_at >= '2021-05-01' AND published_at < '2021-05-02';
