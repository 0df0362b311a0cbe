create table d1 (a int default 1+1, b int default 10 - 3, c text default 'a' || 'b', d numeric(5,2) default 2.345, e int default (2) * 3, f bool default (not true), h bool default 1 < 2, g text default 'x'::text)
insert into d1 default values returning *
drop table d1
create table k1 (k float8 primary key)
insert into k1 values (0)
insert into k1 values ('-0')
insert into k1 values ('NaN')
insert into k1 values ('nan')
drop table k1
create table k2 (k char(4) primary key)
insert into k2 values ('ab')
insert into k2 values ('ab ')
insert into k2 values ('ab  ') on conflict (k) do update set k = 'cd' returning k
select k, length(k), octet_length(k) from k2 where k = 'cd      '
drop table k2
create table v1 (a int, b text)
insert into v1 values (1,'v'),(2,'w'),(3,null)
select * from v1 where a in (1,2) and b='v'
select * from v1 where b='v' and a in (1,2)
select * from v1 where not a in (1,2) or b = 'v' order by a
select a, b from v1 where a between 1 and 2 and b like '%' order by a desc
select count(*), sum(a), avg(a), min(b), max(b), count(b) from v1
select a % 2 as odd, count(*), string_agg(b, ',' order by b) from v1 group by a % 2 having count(*) > 0 order by odd
select x.a, y.b from v1 x left join v1 y on y.a = x.a + 1 order by x.a
select * from v1 x join v1 y using (a) order by a
select * from v1 natural join (select a, 'n' as c from v1) z order by a
select x.a, y.a from v1 x full join (values (2),(9)) y(a) on x.a = y.a order by 1, 2
select a from v1 union select 7 order by 1 desc
select a from v1 union all select a from v1 order by a
select a from v1 intersect select 2
select a from v1 except select 2 order by a
select (select max(a) from v1 i where i.a < o.a) from v1 o order by a
select a from v1 o where exists (select 1 from v1 i where i.a = o.a + 1) order by a
select a from v1 where a > all (select 1) order by a
select a from v1 where a not in (select 1 where false) order by a
with w as (select a + 1 as x from v1) select * from w where x > 2 order by x
select t.s, v.a from (select sum(a) as s from v1) t, v1 v order by v.a
select g.x, l.y from generate_series(1, 3) g(x), lateral (select g.x * 2 as y) l
select case a when 1 then 'one' when 2 then 'two' else b end from v1 order by a
select distinct a > 1 from v1 order by 1
select a from v1 order by b nulls first limit 2 offset 1
select a from v1 order by b desc limit null
select a from v1 limit -1
select b, a from v1 group by b
select nothing from v1
select v1.nothing from v1
select x.a from v1
select a, a from v1 x, v1 y
select a from v1 where sum(a) > 1
insert into v1 values (4)
insert into v1 (a) values (4, 'x')
insert into v1 (a, b) values (5)
insert into v1 (a, a) values (5, 6)
insert into v1 select 6, 'six' returning a * 2 as twice, *
update v1 set b = upper(b), a = a + 10 where a < 3 returning *
update v1 set (a, b) = (a + 1, default) where a = 11 returning a, b
update v1 set a = 'x'
update v1 set a = true
delete from v1 where a = 6 returning b
drop table v1
create table u1 (k int primary key, v int unique, check (v > 0), constraint big check (k < 100))
insert into u1 values (1, 1)
insert into u1 values (1, 2)
insert into u1 values (2, 1)
insert into u1 values (2, 0)
insert into u1 values (100, 5)
insert into u1 values (3, null), (4, null)
insert into u1 values (1, 7), (5, 5) on conflict (k) do update set v = u1.v + excluded.v where u1.k < 3 returning *
insert into u1 values (9, 5) on conflict do nothing
insert into u1 values (9, 5) on conflict (k) do nothing
insert into u1 values (1, 8) on conflict on constraint u1_v_key do nothing
insert into u1 values (6, 6), (6, 7) on conflict (k) do update set v = 9
insert into u1 values (6, 6) on conflict (nothing) do nothing
insert into u1 values (6, 6) on conflict (k, v) do nothing
insert into u1 values (6, 6) on conflict do update set v = 1
select * from u1 order by k
drop table u1
create table p1 (a int, b int, primary key (a, b))
insert into p1 values (1, 1), (1, 2)
insert into p1 values (1, null)
insert into p1 values (1, 1)
create unique index p1_b on p1 (b)
insert into p1 values (2, 2)
create index p1_b on p1 (b)
drop index p1_b
drop index p1_pkey
insert into p1 values (2, 2)
alter table p1 add primary key (a)
alter table p1 add unique (a)
truncate p1
alter table p1 add constraint one unique (a)
insert into p1 values (1, 1), (1, 2)
drop table p1, p2
drop table if exists p1, p2
create table s1 (id serial primary key, b bigserial, x int)
insert into s1 (x) values (1), (2) returning *
insert into s1 values (default, default, 3) returning id, b
drop table s1
create function add_one(int) returns int as 'select $1 + 1' language sql
select add_one(41), add_one(null)
create function add_one(int) returns int as 'select $1' language sql
create or replace function add_one(n int) returns int as $$ select n + 2 $$ language sql
select add_one(40) from generate_series(1, 2)
select add_one('x')
select add_one(1, 2)
drop function add_one(text)
drop function add_one(int)
select add_one(1)
create function f() returns int as 'select ''x''::text' language sql
create table arr (u text)
select u[1] from arr
drop table arr
select 1/3.0, 10.0/3, 1::numeric/7, 123456.789/0.0001, 2.0/3.00000, 0.0/5, 1e20/3, 1/3e10
select 2.5::float8::int, 3.5::float8::int, -2.5::float8::int, 2.5::int, -2.5::int, 3.5::numeric::int
select 1e308::float8 * 10
select 1e-308::float8 * 1e-308::float8
select 1e400::float8
select 'true'::bool::text, true::text, false || '', true
select current_date = now()::date, pg_typeof(current_date), pg_typeof(now()), pg_typeof(localtimestamp)
select '1' + 1, '1' || 1, 1 || '1', 'a' || null
select 1 = 1 = true
select 1 < 2 < 3
select not true = false, not 1 = 2, - 2 ^ 2, 2 + 3 * 4 - 1, 7 / 2, -7 / 2, -7 % 3, 7.0 % 3
select 1 is null = false, 1 is not null and true, null is null or false
select 'a' collate "C" < 'B', 'x' operator(pg_catalog.||) 'y'
select ('a'), ((1)), (1 + 2) * 3
select 1 as "Two words", 2 as select, 3 three
select 1 from
select from
selec 1
select 1 +
select (1
select 'a
select 1; select 2
select '''2020-01-01'''::date, '{2020-01-01}'::date
select '20200101'::date, '200101'::date, '700101'::date, '690101'::timestamp
select '20200101 10:11'::timestamp
select '12345'::date
select '1234567'::date
select '99999999'::date
select '2147483647'::timestamptz
select '0'::date
select '12'::date
select '31'::timestamp
select '99999it'::int2
select '99999.5'::int2
select '99999999999x'::int4
select '99999999999999999999x'::int8
select ' -99999x'::int2
select '32767'::int2, '-32768'::int2, ' +7 '::int4
select '32768'::int2
select '-9223372036854775808'::int8, '9223372036854775807'::int8
select '-9223372036854775809'::int8
select '0/0'::pg_lsn - 1
select 'FFFFFFFF/FFFFFFFF'::pg_lsn + 1
create table defs_a(a int default 1 default 2)
create table defs_a(a serial default 2)
create table defs_a(a int not null null)
create table defs_a(a int null not null)
create table defs_a(a int null primary key)
create table defs_a(a serial null)
create table defs_a(a int primary key, b int primary key)
create table defs_a(a int, primary key(a), primary key(a))
create table defs_a(a int unique unique)
create table defs_b(a int, unique(a), unique(a))
create table defs_c(a int, a int)
create table defs_c(a int, unique(b))
create table defs_c(a int, unique(a,a))
create table defs_c(a int check (a > 0 and (select true)))
create table defs_c(a int check (sum(a) > 0))
create table defs_c(a int check (generate_series(1,2)>0))
create table defs_c(a int check (b > 0))
create table defs_c(a int check (a))
create table defs_c(a int default a)
create table defs_c(a int default 1 + (select 1))
create table defs_c(a int default max(1))
create table defs_c(a int default generate_series(1,2))
create table defs_c(a int default row_number() over ())
create table defs_c(a text default 1)
create table defs_d2(a int default 'x'::text)
create table defs_d3(a int default true)
create table defs_d4(a bool default 1)
create table defs_c(a float8 default 1e-400)
insert into defs_c default values
drop table defs_c
create table defs_c(a int check (true), b int constraint x check (a<b) constraint y not null)
create table defs_d(a int constraint x check (a > 1) constraint x check (a >2))
select 1e-400::float4, 1
select 1e-46::numeric::float4
select 1e39::numeric::float4
select 1e-400 < 1::float8
select 1e-400 = '0'::float8
select 0.0::float8, -0.0::float8
select 'a' like 'a\'
select 'a\' like 'a\'
select 'ab' like 'a\'
select 'b' like 'a\'
select '' like '\'
select null like '\'
select 'a' like '%\'
select 'a' ilike 'b\'
select 'a' like '_\'
select 'aa' like '%a\'
select 'ba' like '%a\'
select 'x' like 'a%\'
select 'ax' like 'a%\'
insert into dbad4 default values
select * from dbad4
drop table if exists keys_f8
create table keys_f8(a float8 primary key)
insert into keys_f8 values (0)
insert into keys_f8 values ('-0')
insert into keys_f8 values (-0.0)
insert into keys_f8 values (1e-400)
insert into keys_f8 values ('1e400')
select * from keys_f8 order by a
select * from keys_f8 where a = '-0'
drop table if exists keys_f4
create table keys_f4(a float4 primary key)
insert into keys_f4 values (0)
insert into keys_f4 values ('-0')
insert into keys_f4 values (0.1),(0.1::float8)
insert into keys_f4 values (16777216),(16777217)
drop table if exists keys_n
create table keys_n(a numeric primary key)
insert into keys_n values (1.0)
insert into keys_n values (1.00)
insert into keys_n values (1)
insert into keys_n values (1e0)
insert into keys_n values (0),(-0.0)
select * from keys_n order by a
drop table if exists keys_c4
create table keys_c4(a char(4) primary key)
insert into keys_c4 values ('ab')
insert into keys_c4 values ('ab ')
insert into keys_c4 values ('ab    ')
insert into keys_c4 values ('abcde')
insert into keys_c4 values ('abcd  ')
select a, length(a), a||'x', octet_length(a), a = 'ab  ', a like 'ab', a like 'ab%', a::text = 'ab' from keys_c4 order by a
drop table if exists keys_text
create table keys_text(a char primary key, b varchar(3) unique, c text unique)
insert into keys_text values ('a','abc','x')
insert into keys_text values ('a ','abd','x ')
insert into keys_text values ('b','abc ','x ')
insert into keys_text values ('c','abcd','y')
insert into keys_text values ('cc','ab','y')
select * from keys_text order by 1
select '9223372036854775808'::oid
select '18446744073709551615'::oid, '-18446744073709551615'::oid
select '18446744073709551616'::oid
select '99999999999999999999999x'::oid
select '12abc'::oid
select '1e-99999999999'::numeric
select '1e1073741824'::numeric
select '1e+99999999999999999999x'::numeric
select '1ex'::numeric
select '0e99999999999'::numeric
select '0e99999999999'::float8
select '1e99999999999x'::float8
select '1e+'::float8
select min(x), max(x) from (values ('-0'::float8), ('0')) v(x)
select min(x), max(x) from (values ('0'::float8), ('-0')) v(x)
select min(x), max(x) from (values (1.0), (1.00)) v(x)
select min(x), max(x) from (values (interval '1 mon'), ('30 days')) v(x)
select octet_length(min(x)), octet_length(max(x)) from (values ('a'::char(3)), ('a'::char(5))) v(x)
select 't' / interval '1 h'
select interval '1 h' / '2', '2' * interval '1 h'
create table lt(a int)
select array[]::int[], array['1','2']::int[], array['a']::int[]
select ('{1,2}'::int[])[1], array[1,2]::text[], (array[1,2])::float8[]
select initcap('hello wORLD 9a_b'), translate('12345','143','ax'), md5('a'), md5('')
select 1::numeric/3, 1.0/3.00000000000000000000000, 12345.6789/0.00000001, 5e-20/3, 1e30/7, 0/3.0, -1/3.0, 1/-7.0, 100/3.0::numeric(5,1), 2/1e-8, 1e-8/2, 123456789012345678901234567890/3.0, 3.0/123456789012345678901234567890, 10000/3.0, 9999/10000.0
select x, y, x/y from (values (1.5, 0.3),(100.00, 7), (0.001, 9999), (99999999, 0.5), (1e-5, 3)) v(x,y)
select 1.23456789 % 0.1, -5.5 % 2, 5.5 % -2, 1e20 % 7
select 1.5 * 2.25, 0.1 + 0.2, 1e10 - 0.0000001, 1.10::numeric(10,4) * 2
select avg(x), sum(x), min(x), max(x) from (values (1.10),(2.2),(3)) v(x)
select avg(x::float8), sum(x::float4), avg(x::int2), sum(x::bigint), sum(x) from (values (1),(2)) v(x)
select round(1.5::float8), round(2.5::float8), (-0.5)::float8::int, 1e15::float8, 1e16::float8, 123456789012345680::float8, 0.1::float4, 0.1::float4::float8, 1e-5::float8, 0.0001::float8, 1e22::float8, 3.4028235e38::float4, 1.17549435e-38::float4, -0.0::float8, 'nan'::float8
select 2147483647.5::float8::int
select 32767.5::float4::int2
select 9223372036854775807::float8::bigint
select '1e-400'::float8
select '1e39'::float4
select 1e-50::float8::float4
select 1e39::float8::float4
select 1e200::float8 * 1e200
select 1e-200::float8 / 1e200
select 0::float8 * 'inf', 'inf'::float8 / 'inf', 1 / 'inf'::float8
select 3e38::float4 + 3e38::float4
select sum(x) from (values (3e38::float4),(3e38)) v(x)
select power(2::float8, 1024)
select -1::float8 ^ 0.5::float8
select (-1)::float8 ^ 0.5::float8
select 0::float8 ^ -1
select exp(-1000::float8), exp(710::float8)
select ln(0::float8)
select sqrt(-1::float8)
select x from (values ('a'),('B'),('_'),('ä'),('😀'),('Z'),('~'),(''),('0'),(' ')) v(x) order by x
select x from (values ('a '::char(3)),('a'),('a!'),('a'||chr(1))) v(x) order by x, length(x)
select x::varchar from (values ('😀'),('�'),('豈'),('𐀀')) v(x) order by 1 desc
select max(x), min(x), count(distinct x) from (values ('😀'),('豈'),('𐀀')) v(x)
select x from (values (1),(null),(2)) v(x) order by x desc
select x from (values (1),(null),(2)) v(x) order by x nulls first
select x,y from (values (1,'b'),(1,'a'),(null,'c')) v(x,y) order by 1 desc, y
select x from (values ('NaN'::float8),(1),('inf'),('-inf'),(null)) v(x) order by x
select x from (values (true),(false),(null)) v(x) order by x desc
select * from (values ('10'),('9'),('1')) v(x) order by x::int
select -x as y from (values (1),(2)) v(x) order by y
select x from (values (1),(2)) v(x) order by -x
create table k1(a date primary key, b int)
insert into k1 values ('2020-01-01',1),('2020-01-01'::timestamp,2)
create table k2(a timestamptz primary key)
insert into k2 values ('2020-01-01 00:00+00'),('2020-01-01 01:00+01')
create table k3(a bool primary key)
insert into k3 values (true),('yes')
create table k4(a numeric(5,2) primary key)
insert into k4 values (1.005),(1.01)
create table k5(a interval primary key)
insert into k5 values ('1 day'),('24 hours')
create table k6(a varchar(3) primary key)
insert into k6 values ('ab '),('ab')
select a||'|' from k6 order by a
insert into k6 values ('abcd')
insert into k6 values ('ab    ')
create table k7(a text, b char(3), c float4, primary key (a,b,c))
insert into k7 values ('x','a',0),('x','a  ','-0')
create table k8(a int2 unique)
insert into k8 values (1),(null),(null),('1')
create table k9(a oid primary key)
insert into k9 values (1),('1')
create table k11(a int unique, b int unique)
insert into k11 values (1,1)
insert into k11 values (1,2)
insert into k11 values (2,1)
update k11 set a = a
insert into k11 values (2,2)
update k11 set a = 3 - a
create table k12(a char(4) primary key)
insert into k12 values ('ab')
select * from k12 where a = 'ab'
select * from k12 where a = 'ab '
select * from k12 where a = 'ab'::text
select * from k12 where a = 'ab '::text
select * from k12 where a in ('ab  ','x')
select * from k12 where a between 'ab' and 'ab '
update k12 set a = a || 'c'
select a||'|' from k12
delete from k12 where a = 'abc '
create table k13(a float8 primary key)
insert into k13 values (0)
select * from k13 where a = '-0'
select * from k13 where a = -0.0
update k13 set a = '-0'
select * from k13
delete from k13 where a = 0
create table k14(a numeric primary key)
insert into k14 values (1.10)
select * from k14 where a = 1.1
select * from k14 where a = 1.100
insert into k14 values (1.1)
insert into k14 values (11e-1)
select * from (values (1,'v'),(2,'w'),(null,'v')) t(a,b) where a in (1,2) and b = 'v' or a is null and b in ('v')
select * from (values (1,'v'),(2,'w'),(null,'v')) t(a,b) where (a in (1,2)) = (b = 'v')
select * from (values (1,'v'),(2,'w')) t(a,b) where a in (1) is true and not b not in ('v')
select * from (values (1,'v'),(2,'w')) t(a,b) where a + 1 in (2, 3) and b in ('v', 'w') and a < 2
select * from (values (1,'v'),(2,'w')) t(a,b) where b in ('v') and a in (1) and 1 = 1
select * from (values (1.5),(2)) t(a) where a in (1.50, '2') order by 1
select 1 where 'a' in ('A', 'a') and 1 not in (2, 3) and null in (1) is null
select 1 in (select 1) and 2 in (2)
select 1.5::text, 1e20::float8::text, true::varchar(2), 'tr'::bool, ' 12 '::int, '1_000'::int
select '0x10'::int
select '1.0'::int
select ''::int
select 1.9::int, -1.5::int, (-1.5)::int, 1.5::numeric(3,0), '1.5'::numeric(2,0), 99.5::numeric(2,0)
select 123.456::float4, 123456.789::float4, 16777217::float4, 16777217::int::float4::int
select 'abc'::char, 'abc'::char(2), 'abc'::varchar(2), 'abc'::bpchar, 'abc  '::bpchar || '|', 'abc '::varchar || '|', ('abc '::char(5))::text || '|', length('a  '::char(5))
select '2020-02-30'::date
select '2020-01-01 25:00'::timestamp
select 1::bool, 0::int::bool, 2::bool::int, 'on'::bool, 'n'::bool, '1'::bool
select 5::text || 6, 5 || 'a', 'a' || null, 1 || 2
select cast('5' as int) + '5', '5' + 5, '5' || 5
select '5' + '5'
select 1 = '1', 1 = '1.0'
select 1::int8 = 1::int2, 1.0 = 1, '1'::text = 1
select pg_typeof(1), pg_typeof(1.0), pg_typeof(1e0), pg_typeof('a'), pg_typeof(null), pg_typeof(3000000000), pg_typeof(1::int2+1::int2), pg_typeof(1::int2+1), pg_typeof(1+1.0), pg_typeof(1/2.0::float4), pg_typeof(array[1,2.0]), pg_typeof(case when true then 1 else 2.0 end), pg_typeof(coalesce(1, 2::bigint)), pg_typeof(sum(1)), pg_typeof(avg(1)), pg_typeof(count(*)), pg_typeof(sum(1::bigint)), pg_typeof(max('a'::varchar))
set local statement_timeout = 5
set transaction isolation level repeatable read
set transaction read only
begin
set local statement_timeout = 77
set transaction isolation level repeatable read
commit
set local statement_timeout = 5
select 1
set local transaction_isolation = 'read committed'
select set_config('lock_timeout','3s',true)
show lock_timeout
begin
savepoint a
set lock_timeout = '3s'
show lock_timeout
rollback to a
show lock_timeout
commit
show lock_timeout
begin
savepoint a
set lock_timeout = '4s'
release a
commit
show lock_timeout
reset lock_timeout
begin
set lock_timeout='1s'
savepoint a
set lock_timeout = '4s'
savepoint a
set lock_timeout='5s'
rollback to a
show lock_timeout
release a
rollback to a
show lock_timeout
commit
show lock_timeout
reset lock_timeout
begin
savepoint a
set local lock_timeout='2s'
release a
show lock_timeout
commit
show lock_timeout
begin
set lock_timeout='9s'
rollback
show lock_timeout
begin
set lock_timeout='9s'
set local lock_timeout='8s'
show lock_timeout
commit
show lock_timeout
reset lock_timeout
begin
savepoint a
set transaction isolation level repeatable read
rollback
begin
select 1
set transaction isolation level repeatable read
rollback
begin isolation level repeatable read
savepoint a
set transaction read only
insert into lt values (1)
rollback to a
insert into lt values (1)
rollback
begin read only
set transaction read write
insert into lt values (1)
rollback
begin read only
select 1
set transaction read write
rollback
begin read only
reset all
insert into lt values (1)
rollback
begin read only
discard temp
savepoint a
set transaction read write
rollback
begin
select 1
set transaction isolation level read committed
set transaction read only
insert into lt values (1)
rollback
begin
savepoint a
set transaction read only
release a
insert into lt values (5)
rollback
begin isolation level repeatable read read only
show transaction_read_only
show transaction_isolation
select 1
reset transaction_isolation
set transaction_isolation = default
rollback
begin
insert into lt values (1)
set transaction read only
insert into lt values (2)
rollback
begin
lock table lt
set transaction isolation level repeatable read
rollback
select 1
begin
set default_transaction_isolation = 'repeatable read'
show transaction_isolation
commit
show transaction_isolation
reset default_transaction_isolation
create table g1(a int primary key, b text, c int)
create table g2(x int, y int, z text, primary key(y,x))
create table g3(a int unique not null, b int)
insert into g1 select g, 'b'||g, g%2 from generate_series(1,5) g
insert into g2 select g%3, g, 'z'||g from generate_series(1,6) g
insert into g3 values (1,2)
select a, b, c, count(*) from g1 group by a order by a
select b from g1 group by g1.a, a order by 1
select * from g1 group by a order by a
select g1.*, count(x) from g1 left join g2 on x = a group by g1.a order by a
select t.b, count(*) from g1 t join g2 u on u.x = t.a group by t.a order by 1
select z from g2 group by x
select z, y from g2 group by x, y order by 2
select z from g2 group by y, x having z > 'z3' order by z
select b from g3 group by a
select b from (select * from g1) q group by a
with q as (select * from g1) select b from q group by a
select c, a from g1 group by c
select b, sum(c) from g1 group by a, b order by b
select x.b from g1 x, g1 y where x.a = y.a group by x.a order by 1
select y.b from g1 x, g1 y where x.a = y.a group by x.a order by 1
select b || 'q', (select count(*) from g2 where x = g1.a) from g1 group by a order by 1
select a+1 from g1 group by a+1 order by 1
select b from g1 group by a+0
select m.q from g1 m(p,q,r) group by p order by 1
select b from g1 join g2 using (a)
select typname, typinput, typoutput, typinput = 'pg_catalog.array_in'::regproc from pg_type where typname in ('int4','_int4','text') order by 1
select sin(1)
select array_append(array[1],2)
select nope(1)
select pg_cancel_backend(1)
select pg_relation_size('nope')
select pg_relation_size('g1') > 0, pg_table_size('g2') > 0, pg_relation_size('g1'::regclass) > 0
select 12ab$c_1
select 1.5abc
select 1ex
select 1.a
create function strict_f(int, text) returns text as 'select $2 || $1' language sql strict immutable
select strict_f(1, 'a'), strict_f(null, 'a'), strict_f(2, null)
create or replace function strict_f(int, text) returns text called on null input language sql as 'select coalesce($2, ''b'') || $1'
select strict_f(1, 'a'), strict_f(2, null)
create or replace function strict_f(int, text) returns text returns null on null input language sql as 'select coalesce($2, ''b'') || $1'
select strict_f(1, 'a'), strict_f(2, null)
select pg_size_pretty('1'::text)
