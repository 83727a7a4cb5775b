-- server: 17
create table monsters (id int, name text);
insert into monsters (id, name, strength) values (0, 'm0', 1); -- refused 42703
insert into monsters (id, name, strength) values (1, 'm1', 1); -- refused 42703
insert into monsters (id, name, strength) values (2, 'm2', 1); -- refused 42703
insert into monsters (id, name, strength) values (3, 'm3', 1); -- refused 42703
insert into monsters (id, name, strength) values (4, 'm4', 1); -- refused 42703
insert into monsters (id, name, strength) values (5, 'm5', 1); -- refused 42703
insert into monsters (id, name, strength) values (6, 'm6', 1); -- refused 42703
insert into monsters (id, name, strength) values (7, 'm7', 1); -- refused 42703
insert into monsters (id, name, strength) values (8, 'm8', 1); -- refused 42703
insert into monsters (id, name, strength) values (9, 'm9', 1); -- refused 42703
insert into monsters (id, name, strength) values (10, 'm10', 1); -- refused 42703
insert into monsters (id, name, strength) values (11, 'm11', 1); -- refused 42703
insert into monsters (id, name, strength) values (12, 'm12', 1); -- refused 42703
insert into monsters (id, name, strength) values (13, 'm13', 1); -- refused 42703
insert into monsters (id, name, strength) values (14, 'm14', 1); -- refused 42703
insert into monsters (id, name, strength) values (15, 'm15', 1); -- refused 42703
insert into monsters (id, name, strength) values (16, 'm16', 1); -- refused 42703
insert into monsters (id, name, strength) values (17, 'm17', 1); -- refused 42703
insert into monsters (id, name, strength) values (18, 'm18', 1); -- refused 42703
insert into monsters (id, name, strength) values (19, 'm19', 1); -- refused 42703
insert into monsters (id, name, strength) values (20, 'm20', 1); -- refused 42703
insert into monsters (id, name, strength) values (21, 'm21', 1); -- refused 42703
insert into monsters (id, name, strength) values (22, 'm22', 1); -- refused 42703
insert into monsters (id, name, strength) values (23, 'm23', 1); -- refused 42703
insert into monsters (id, name, strength) values (24, 'm24', 1); -- refused 42703
insert into monsters (id, name, strength) values (25, 'm25', 1); -- refused 42703
insert into monsters (id, name, strength) values (26, 'm26', 1); -- refused 42703
insert into monsters (id, name, strength) values (27, 'm27', 1); -- refused 42703
insert into monsters (id, name, strength) values (28, 'm28', 1); -- refused 42703
insert into monsters (id, name, strength) values (29, 'm29', 1); -- refused 42703
insert into monsters (id, name, strength) values (30, 'm30', 1); -- refused 42703
insert into monsters (id, name, strength) values (31, 'm31', 1); -- refused 42703
insert into monsters (id, name, strength) values (32, 'm32', 1); -- refused 42703
insert into monsters (id, name, strength) values (33, 'm33', 1); -- refused 42703
insert into monsters (id, name, strength) values (34, 'm34', 1); -- refused 42703
insert into monsters (id, name, strength) values (35, 'm35', 1); -- refused 42703
insert into monsters (id, name, strength) values (36, 'm36', 1); -- refused 42703
insert into monsters (id, name, strength) values (37, 'm37', 1); -- refused 42703
insert into monsters (id, name, strength) values (38, 'm38', 1); -- refused 42703
insert into monsters (id, name, strength) values (39, 'm39', 1); -- refused 42703
insert into monsters (id, name, strength) values (40, 'm40', 1); -- refused 42703
insert into monsters (id, name, strength) values (41, 'm41', 1); -- refused 42703
insert into monsters (id, name, strength) values (42, 'm42', 1); -- refused 42703
insert into monsters (id, name, strength) values (43, 'm43', 1); -- refused 42703
insert into monsters (id, name, strength) values (44, 'm44', 1); -- refused 42703
insert into monsters (id, name, strength) values (45, 'm45', 1); -- refused 42703
insert into monsters (id, name, strength) values (46, 'm46', 1); -- refused 42703
insert into monsters (id, name, strength) values (47, 'm47', 1); -- refused 42703
insert into monsters (id, name, strength) values (48, 'm48', 1); -- refused 42703
insert into monsters (id, name, strength) values (49, 'm49', 1); -- refused 42703
insert into monsters (id, name, strength) values (50, 'm50', 1); -- refused 42703
insert into monsters (id, name, strength) values (51, 'm51', 1); -- refused 42703
insert into monsters (id, name, strength) values (52, 'm52', 1); -- refused 42703
insert into monsters (id, name, strength) values (53, 'm53', 1); -- refused 42703
insert into monsters (id, name, strength) values (54, 'm54', 1); -- refused 42703
insert into monsters (id, name, strength) values (55, 'm55', 1); -- refused 42703
insert into monsters (id, name, strength) values (56, 'm56', 1); -- refused 42703
insert into monsters (id, name, strength) values (57, 'm57', 1); -- refused 42703
insert into monsters (id, name, strength) values (58, 'm58', 1); -- refused 42703
insert into monsters (id, name, strength) values (59, 'm59', 1); -- refused 42703
insert into monsters (id, name, strength) values (60, 'm60', 1); -- refused 42703
insert into monsters (id, name, strength) values (61, 'm61', 1); -- refused 42703
insert into monsters (id, name, strength) values (62, 'm62', 1); -- refused 42703
insert into monsters (id, name, strength) values (63, 'm63', 1); -- refused 42703
insert into monsters (id, name, strength) values (64, 'm64', 1); -- refused 42703
insert into monsters (id, name, strength) values (65, 'm65', 1); -- refused 42703
insert into monsters (id, name, strength) values (66, 'm66', 1); -- refused 42703
insert into monsters (id, name, strength) values (67, 'm67', 1); -- refused 42703
insert into monsters (id, name, strength) values (68, 'm68', 1); -- refused 42703
insert into monsters (id, name, strength) values (69, 'm69', 1); -- refused 42703
alter table monsters add column strength int;
insert into monsters (id, name, strength) values (0, 'm0', 1);
insert into monsters (id, name, strength) values (1, 'm1', 1);
insert into monsters (id, name, strength) values (2, 'm2', 1);
insert into monsters (id, name, strength) values (3, 'm3', 1);
insert into monsters (id, name, strength) values (4, 'm4', 1);
insert into monsters (id, name, strength) values (5, 'm5', 1);
insert into monsters (id, name, strength) values (6, 'm6', 1);
insert into monsters (id, name, strength) values (7, 'm7', 1);
insert into monsters (id, name, strength) values (8, 'm8', 1);
insert into monsters (id, name, strength) values (9, 'm9', 1);
insert into monsters (id, name, strength) values (10, 'm10', 1);
insert into monsters (id, name, strength) values (11, 'm11', 1);
insert into monsters (id, name, strength) values (12, 'm12', 1);
insert into monsters (id, name, strength) values (13, 'm13', 1);
insert into monsters (id, name, strength) values (14, 'm14', 1);
insert into monsters (id, name, strength) values (15, 'm15', 1);
insert into monsters (id, name, strength) values (16, 'm16', 1);
insert into monsters (id, name, strength) values (17, 'm17', 1);
insert into monsters (id, name, strength) values (18, 'm18', 1);
insert into monsters (id, name, strength) values (19, 'm19', 1);
insert into monsters (id, name, strength) values (20, 'm20', 1);
insert into monsters (id, name, strength) values (21, 'm21', 1);
insert into monsters (id, name, strength) values (22, 'm22', 1);
insert into monsters (id, name, strength) values (23, 'm23', 1);
insert into monsters (id, name, strength) values (24, 'm24', 1);
insert into monsters (id, name, strength) values (25, 'm25', 1);
insert into monsters (id, name, strength) values (26, 'm26', 1);
insert into monsters (id, name, strength) values (27, 'm27', 1);
insert into monsters (id, name, strength) values (28, 'm28', 1);
insert into monsters (id, name, strength) values (29, 'm29', 1);
insert into monsters (id, name, strength) values (30, 'm30', 1);
insert into monsters (id, name, strength) values (31, 'm31', 1);
insert into monsters (id, name, strength) values (32, 'm32', 1);
insert into monsters (id, name, strength) values (33, 'm33', 1);
insert into monsters (id, name, strength) values (34, 'm34', 1);
insert into monsters (id, name, strength) values (35, 'm35', 1);
insert into monsters (id, name, strength) values (36, 'm36', 1);
insert into monsters (id, name, strength) values (37, 'm37', 1);
insert into monsters (id, name, strength) values (38, 'm38', 1);
insert into monsters (id, name, strength) values (39, 'm39', 1);
insert into monsters (id, name, strength) values (40, 'm40', 1);
insert into monsters (id, name, strength) values (41, 'm41', 1);
insert into monsters (id, name, strength) values (42, 'm42', 1);
insert into monsters (id, name, strength) values (43, 'm43', 1);
insert into monsters (id, name, strength) values (44, 'm44', 1);
insert into monsters (id, name, strength) values (45, 'm45', 1);
insert into monsters (id, name, strength) values (46, 'm46', 1);
insert into monsters (id, name, strength) values (47, 'm47', 1);
insert into monsters (id, name, strength) values (48, 'm48', 1);
insert into monsters (id, name, strength) values (49, 'm49', 1);
insert into monsters (id, name, strength) values (50, 'm50', 1);
insert into monsters (id, name, strength) values (51, 'm51', 1);
insert into monsters (id, name, strength) values (52, 'm52', 1);
insert into monsters (id, name, strength) values (53, 'm53', 1);
insert into monsters (id, name, strength) values (54, 'm54', 1);
insert into monsters (id, name, strength) values (55, 'm55', 1);
insert into monsters (id, name, strength) values (56, 'm56', 1);
insert into monsters (id, name, strength) values (57, 'm57', 1);
insert into monsters (id, name, strength) values (58, 'm58', 1);
insert into monsters (id, name, strength) values (59, 'm59', 1);
insert into monsters (id, name, strength) values (60, 'm60', 1);
insert into monsters (id, name, strength) values (61, 'm61', 1);
insert into monsters (id, name, strength) values (62, 'm62', 1);
insert into monsters (id, name, strength) values (63, 'm63', 1);
insert into monsters (id, name, strength) values (64, 'm64', 1);
insert into monsters (id, name, strength) values (65, 'm65', 1);
insert into monsters (id, name, strength) values (66, 'm66', 1);
insert into monsters (id, name, strength) values (67, 'm67', 1);
insert into monsters (id) values (0) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (1) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (2) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (3) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (4) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (5) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (6) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (7) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (8) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (9) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (10) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (11) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (12) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (13) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (14) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (15) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (16) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (17) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (18) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (19) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (20) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (21) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (22) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (23) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (24) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (25) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (26) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (27) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (28) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (29) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (30) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (31) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (32) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (33) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (34) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (35) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (36) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (37) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (38) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (39) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (40) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (41) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (42) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (43) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (44) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (45) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (46) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (47) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (48) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (49) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (50) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (51) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (52) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (53) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (54) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (55) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (56) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (57) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (58) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (59) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (60) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (61) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (62) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (63) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (64) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (65) on conflict (id) do nothing; -- refused 42P10
insert into monsters (id) values (66) on conflict (id) do nothing; -- refused 42P10
drop table monsters;
insert into monsters values (0); -- refused 42P01
insert into monsters values (1); -- refused 42P01
insert into monsters values (2); -- refused 42P01
insert into monsters values (3); -- refused 42P01
insert into monsters values (4); -- refused 42P01
insert into monsters values (5); -- refused 42P01
insert into monsters values (6); -- refused 42P01
insert into monsters values (7); -- refused 42P01
insert into monsters values (8); -- refused 42P01
insert into monsters values (9); -- refused 42P01
insert into monsters values (10); -- refused 42P01
insert into monsters values (11); -- refused 42P01
insert into monsters values (12); -- refused 42P01
insert into monsters values (13); -- refused 42P01
insert into monsters values (14); -- refused 42P01
insert into monsters values (15); -- refused 42P01
insert into monsters values (16); -- refused 42P01
insert into monsters values (17); -- refused 42P01
insert into monsters values (18); -- refused 42P01
insert into monsters values (19); -- refused 42P01
insert into monsters values (20); -- refused 42P01
insert into monsters values (21); -- refused 42P01
insert into monsters values (22); -- refused 42P01
insert into monsters values (23); -- refused 42P01
insert into monsters values (24); -- refused 42P01
insert into monsters values (25); -- refused 42P01
insert into monsters values (26); -- refused 42P01
insert into monsters values (27); -- refused 42P01
insert into monsters values (28); -- refused 42P01
insert into monsters values (29); -- refused 42P01
insert into monsters values (30); -- refused 42P01
insert into monsters values (31); -- refused 42P01
insert into monsters values (32); -- refused 42P01
insert into monsters values (33); -- refused 42P01
insert into monsters values (34); -- refused 42P01
insert into monsters values (35); -- refused 42P01
insert into monsters values (36); -- refused 42P01
insert into monsters values (37); -- refused 42P01
insert into monsters values (38); -- refused 42P01
insert into monsters values (39); -- refused 42P01
insert into monsters values (40); -- refused 42P01
insert into monsters values (41); -- refused 42P01
insert into monsters values (42); -- refused 42P01
insert into monsters values (43); -- refused 42P01
insert into monsters values (44); -- refused 42P01
insert into monsters values (45); -- refused 42P01
insert into monsters values (46); -- refused 42P01
insert into monsters values (47); -- refused 42P01
insert into monsters values (48); -- refused 42P01
insert into monsters values (49); -- refused 42P01
insert into monsters values (50); -- refused 42P01
insert into monsters values (51); -- refused 42P01
insert into monsters values (52); -- refused 42P01
insert into monsters values (53); -- refused 42P01
insert into monsters values (54); -- refused 42P01
insert into monsters values (55); -- refused 42P01
insert into monsters values (56); -- refused 42P01
insert into monsters values (57); -- refused 42P01
insert into monsters values (58); -- refused 42P01
insert into monsters values (59); -- refused 42P01
insert into monsters values (60); -- refused 42P01
insert into monsters values (61); -- refused 42P01
insert into monsters values (62); -- refused 42P01
insert into monsters values (63); -- refused 42P01
insert into monsters values (64); -- refused 42P01
insert into monsters values (65); -- refused 42P01
