SELECT id FROM fleet.commands WHERE result IS NOT NULL AND not_before > '2025-03-10';
