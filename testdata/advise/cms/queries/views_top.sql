SELECT article_id, day, views FROM page_views ORDER BY views DESC LIMIT 10;
