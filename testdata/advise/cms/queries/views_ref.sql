SELECT article_id, day FROM page_views WHERE referrers @> ARRAY['site777'];
