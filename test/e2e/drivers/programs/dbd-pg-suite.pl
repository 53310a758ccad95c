use strict;
use warnings;
use DBI;
use DBD::Pg qw(:pg_types :async);
use JSON::PP;

my ($host, $port, $database) = @ARGV;
my $db = DBI->connect("dbi:Pg:host=$host;port=$port;dbname=$database", 'root', '',
    { RaiseError => 1, PrintError => 0, AutoCommit => 1 });

my $read = $db->prepare('SELECT * FROM v WHERE id IN (1, 2) ORDER BY id');
$read->execute;
my @names = @{ $read->{NAME} };
my @rows = @{ $read->fetchall_arrayref };
for my $row (@rows) {
    $row->[0] += 10;
    my $insert = $db->prepare('INSERT INTO v VALUES (' . join(', ', map { '?' } @$row) . ')');
    for my $i (0 .. $#$row) {
        if ($names[$i] eq 'y') { $insert->bind_param($i + 1, $row->[$i], { pg_type => PG_BYTEA }); }
        else { $insert->bind_param($i + 1, $row->[$i]); }
    }
    $insert->execute;
}

my $twice = $db->prepare('SELECT ?::INT8 * 2');
my $prepared = 0;
for my $i (1 .. 10) {
    $twice->execute($i);
    $prepared += $twice->fetchrow_array;
}

my @counts;
for my $end ('rollback', 'commit') {
    $db->begin_work;
    $db->do('INSERT INTO w VALUES (1)');
    $db->$end;
    push @counts, 0 + $db->selectrow_array('SELECT count(*) FROM w');
}

my @errors;
$db->begin_work;
for my $sql ('INSERT INTO w VALUES (1)', 'SELECT 1') {
    eval { $db->do($sql); 1 } or push @errors, $db->state;
}
$db->rollback;

$db->do('COPY w FROM STDIN');
$db->pg_putcopydata("$_\n") for 1000 .. 1999;
$db->pg_putcopyend;
my $in = 0 + $db->selectrow_array('SELECT count(*) FROM w WHERE a >= 1000');
$db->do('COPY (SELECT * FROM w WHERE a >= 1000) TO STDOUT');
my ($line, $out) = ('', 0);
$out++ while $db->pg_getcopydata($line) >= 0;

my $slow = $db->prepare('SELECT pg_sleep(60)', { pg_async => PG_ASYNC });
$slow->execute;
select(undef, undef, undef, 0.5);
my $cancel = 'none';
eval { $db->pg_cancel; 1 } or $cancel = $db->state;
$cancel = $db->state if $cancel eq 'none';

my ($count, $total) = (0, 0);
my $large = $db->prepare("SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g");
$large->execute;
while (my $row = $large->fetchrow_arrayref) {
    $count++;
    $total += $row->[0];
}

print encode_json({
    version => $DBD::Pg::VERSION . '', values => @rows == 2 ? JSON::PP::true : JSON::PP::false, prepared => $prepared + 0,
    transaction => \@counts, errors => \@errors, copy => [$in, $out], cancel => $cancel,
    large => [$count, $total], pipeline => undef,
}), "\n";
