SELECT id FROM requesters WHERE merged_into IS NOT NULL AND locale = 'de';
