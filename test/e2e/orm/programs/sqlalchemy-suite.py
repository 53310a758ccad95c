"""SQLAlchemy with its own dialect for PostgreSQL: tables made, read back, and what sessions do."""
import json, sys
import sqlalchemy
from sqlalchemy import (
    BigInteger, Column, DateTime, Enum, ForeignKey, Integer, MetaData, Numeric, String, create_engine, func, inspect,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.orm import Session, declarative_base, relationship

host, port, database = sys.argv[1:4]
# It reads version(), which names no PostgreSQL; its dialect for CockroachDB says the same.
PGDialect._get_server_version_info = lambda self, connection: (9, 5)
engine = create_engine(f"postgresql+psycopg2://root@{host}:{port}/{database}")
Base = declarative_base()


class Person(Base):
    __tablename__ = "sa_person"
    id = Column(Integer, primary_key=True)
    name = Column(String(20), unique=True)
    data = Column(postgresql.JSONB)
    tags = Column(postgresql.ARRAY(String))
    n = Column(Numeric(10, 2))
    at = Column(DateTime(timezone=True), server_default=func.now())
    pets = relationship("Pet", back_populates="person", cascade="all, delete-orphan")


class Pet(Base):
    __tablename__ = "sa_pet"
    id = Column(BigInteger, primary_key=True)
    person_id = Column(ForeignKey("sa_person.id"))
    kind = Column(Enum("cat", "dog", name="sa_kind"))
    person = relationship("Person", back_populates="pets")


Base.metadata.create_all(engine)
Base.metadata.create_all(engine)
result = {"version": sqlalchemy.__version__}
with Session(engine) as session:
    ann = Person(name="ann", data={"k": [1]}, tags=["a", "b"], n="1.50", pets=[Pet(kind="cat"), Pet(kind="dog")])
    session.add(ann)
    session.commit()
    found = session.query(Person).join(Pet).filter(Pet.kind == "cat").one()
    result["read"] = [found.data, found.tags, str(found.n), found.at is not None]
    session.add(Person(name="ann"))
    try:
        session.commit()
        result["duplicate"] = None
    except sqlalchemy.exc.IntegrityError as error:
        session.rollback()
        result["duplicate"] = error.orig.pgcode
    ann.name = "bea"
    session.commit()
    result["locked"] = session.query(Person).with_for_update().one().name
    session.execute(postgresql.insert(Person).values(name="bea").on_conflict_do_nothing())
    session.commit()
    session.delete(ann)
    session.commit()
    result["left"] = session.query(func.count(Pet.id)).scalar()
about = inspect(engine)
result["columns"] = [column["name"] for column in about.get_columns("sa_pet")]
result["references"] = about.get_foreign_keys("sa_pet")[0]["referred_table"]
result["key"] = about.get_pk_constraint("sa_person")["constrained_columns"]
reflected = MetaData()
reflected.reflect(engine)
result["tables"] = sorted(name for name in reflected.tables if name.startswith("sa_"))
Base.metadata.drop_all(engine)
print(json.dumps(result))
