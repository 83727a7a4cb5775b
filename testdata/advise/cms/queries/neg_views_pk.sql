SELECT day, views FROM page_views WHERE article_id = 77 ORDER BY day;
