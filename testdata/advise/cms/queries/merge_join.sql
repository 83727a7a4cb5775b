SELECT a.id, a.title, v.views FROM page_views v JOIN articles a ON a.id = v.article_id WHERE v.views > 99990;
