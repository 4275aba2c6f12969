"""roles, invitations, cases with their consent, absences, chat hygiene; free text encrypted; the audit append-only"""

import json

import sqlalchemy as sa
import sqlmodel
from alembic import context, op

import actions.store.types

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

ROLE = sa.Enum('CASE_MANAGER', 'COORDINATOR', 'ADMINISTRATION', 'AUTHORITY', 'ADMIN', name='role')
KIND = sa.Enum('PASSED_ON', 'UNHELPFUL', 'HELPFUL', name='feedbackkind')


def upgrade() -> None:
    ROLE.create(op.get_bind(), checkfirst=True)
    op.add_column('person', sa.Column('role', ROLE, nullable=False, server_default='CASE_MANAGER'))
    op.add_column('person', sa.Column('share', sa.Float(), nullable=False, server_default='1'))
    op.add_column('account', sa.Column('listed', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('auditevent', sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_table(
        'secret',
        sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('value', actions.store.types.Encrypted(), nullable=False),
        sa.PrimaryKeyConstraint('name'),
    )
    op.create_table(
        'invitation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('created_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column('expires_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('person_id'),
        sa.UniqueConstraint('token_hash'),
    )
    op.create_table(
        'absence',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('deputy_id', sa.Integer(), nullable=False),
        sa.Column('first_day', sa.Date(), nullable=False),
        sa.Column('last_day', sa.Date(), nullable=False),
        sa.CheckConstraint('first_day <= last_day', name='absence_in_order'),
        sa.ForeignKeyConstraint(['deputy_id'], ['person.id']),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_absence_deputy_id', 'absence', ['deputy_id'])
    op.create_index('ix_absence_person_id', 'absence', ['person_id'])
    op.create_table(
        'case',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('form', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('owner_id', sa.Integer(), nullable=False),
        sa.Column('started_on', sa.Date(), nullable=False),
        sa.Column('closed_on', sa.Date(), nullable=True),
        sa.Column('consent_signed_on', sa.Date(), nullable=False),
        sa.Column('consent_confirmed_by', sa.Integer(), nullable=False),
        sa.Column('consent_confirmed_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['consent_confirmed_by'], ['person.id']),
        sa.ForeignKeyConstraint(['owner_id'], ['person.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('number'),
    )
    op.create_index('ix_case_owner_id', 'case', ['owner_id'])
    op.create_table(
        'casedeputy',
        sa.Column('case_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('case_id', 'person_id'),
    )
    op.create_table(
        'draft',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=False),
        sa.Column('content', actions.store.types.Encrypted(), nullable=False),
        sa.Column('updated_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('person_id', 'kind'),
    )
    op.create_index('ix_draft_case_id', 'draft', ['case_id'])
    op.create_table(
        'chatmessage',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('channel', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('chat', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('message', sa.Integer(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=True),
        sa.Column('sent_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column('due_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('given_up', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('channel', 'chat', 'message', 'case_id'),
    )
    op.create_index('ix_chatmessage_case_id', 'chatmessage', ['case_id'])
    op.create_index('ix_chatmessage_due_at', 'chatmessage', ['due_at'])
    renew_buttons()
    encrypt_feedback()
    close_audit()


def renew_buttons() -> None:
    """Buttons are passing, so that those shown before are forgotten: a tap on one gets a kind answer."""
    op.drop_table('button')
    op.create_table(
        'button',
        sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('conversation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('meaning', actions.store.types.Encrypted(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=True),
        sa.Column('created_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_button_created_at', 'button', ['created_at'])
    op.create_index('ix_button_case_id', 'button', ['case_id'])


def encrypt_feedback() -> None:
    connection, vault = op.get_bind(), context.config.attributes['vault']
    columns = ('id', 'kind', 'question', 'entries', 'reason', 'created_at', 'done_at')
    rows = [dict(row._mapping) for row in connection.execute(sa.text(f"SELECT {', '.join(columns)} FROM feedback"))]
    op.drop_table('feedback')
    op.create_table(
        'feedback',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', KIND, nullable=False),
        sa.Column('question', actions.store.types.Encrypted(), nullable=False),
        sa.Column('entries', sa.JSON(), nullable=False),
        sa.Column('reason', actions.store.types.Encrypted(), nullable=True),
        sa.Column('created_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column('done_at', actions.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id'),
    )
    insert = sa.text(f"INSERT INTO feedback ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)})")
    for row in rows:
        for name in ('question', 'reason'):
            row[name] = row[name] and vault.seal(json.dumps(row[name], ensure_ascii=False))
        connection.execute(insert, row)


def close_audit() -> None:
    """Rows can be added, never changed or taken away."""
    if op.get_bind().dialect.name == 'sqlite':
        for event in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER audit_no_{event.lower()} BEFORE {event} ON auditevent "
                "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON auditevent "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )


def downgrade() -> None:
    raise NotImplementedError("what is encrypted is not written back as plain text; restore a backup instead")
