SELECT id, peak FROM fleet.alerts WHERE device_id = 'b9884d9c-8461-86c2-a542-6d7f46393de8' ORDER BY opened_at DESC;
