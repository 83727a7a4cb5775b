SELECT max(at) FROM fleet.readings;
