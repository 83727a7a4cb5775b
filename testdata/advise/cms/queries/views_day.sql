SELECT article_id, views FROM page_views WHERE day = '2025-01-08' ORDER BY views DESC LIMIT 10;
