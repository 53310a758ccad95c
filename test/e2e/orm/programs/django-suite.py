"""Django with its own backend for PostgreSQL: the migrations of its own applications, then what models do."""
import json, sys
import django
from django.conf import settings

host, port, database = sys.argv[1:4]
settings.configure(
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "HOST": host, "PORT": port, "USER": "root", "NAME": database,
    }},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", SECRET_KEY="x",
)
# What CockroachDB refuses, and its own backend for Django leaves out as well.
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
DatabaseOperations.deferrable_sql = lambda self: ""
DatabaseSchemaEditor._create_like_index_sql = lambda self, model, field: None
django.setup()

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Count

call_command("migrate", verbosity=0)
ann = User.objects.create_user("ann", "a@x", "pw")
staff = Group.objects.create(name="staff")
ann.groups.add(staff)
result = {"version": django.get_version()}
result["joined"] = list(User.objects.filter(groups__name="staff").values_list("username", flat=True))
try:
    with transaction.atomic():
        Group.objects.create(name="staff")
    result["duplicate"] = False
except IntegrityError:
    result["duplicate"] = True
User.objects.filter(pk=ann.pk).update(first_name="Ann")
result["updated"] = User.objects.get(pk=ann.pk).first_name
result["counted"] = list(Group.objects.annotate(n=Count("user")).values_list("name", "n"))
with transaction.atomic():
    result["locked"] = User.objects.select_for_update().get(username="ann").username
Group.objects.bulk_create([Group(name="g%d" % i) for i in range(5)])
result["bulk"] = Group.objects.count()
ann.delete()
result["left"] = User.objects.count()
result["tables"] = "auth_user" in connection.introspection.table_names()
print(json.dumps(result))
