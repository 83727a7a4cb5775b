SELECT metric, avg(value) FROM fleet.readings GROUP BY metric;
