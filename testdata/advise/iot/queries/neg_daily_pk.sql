SELECT day, low, high FROM fleet.measurements_daily WHERE device_id = '21f8cef7-9c3d-f0a9-c878-be1570b9f3e9' ORDER BY day;
