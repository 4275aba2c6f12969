"""reminders, their occurrences, how people want to be nudged, and who does not let us write"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import actions.store.types

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

KINDS = ('REMINDER', 'RESUBMISSION', 'RE_ASSESSMENT', 'SECOND_TALK', 'PERMIT', 'DEADLINE', 'MORNING', 'TRANSFER')


def upgrade() -> None:
    op.add_column('account', sa.Column('blocked_at', actions.store.types.UtcDateTime(timezone=True), nullable=True))
    op.create_table(
        'preference',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('days', sa.JSON(), nullable=False),
        sa.Column('starts', sa.Time(), nullable=False),
        sa.Column('ends', sa.Time(), nullable=False),
        sa.Column('shows', sa.Enum('NONE', 'KIND', 'FULL', name='shows'), nullable=False),
        sa.Column('deadlines', sa.JSON(), nullable=False),
        sa.Column('lead_days', sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('person_id'),
    )
    op.create_table(
        'reminder',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('entry_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=True),
        sa.Column('kind', sa.Enum(*KINDS, name='reminderkind'), nullable=False),
        sa.Column('subject', actions.store.types.Encrypted(), nullable=True),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('clock', sa.Time(), nullable=True),
        sa.Column('repeat', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column('named', sa.Boolean(), nullable=False),
        sa.Column('kept', sa.Boolean(), nullable=False),
        sa.Column('deadline', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column('created_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column('ended_at', actions.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('entry_id'),
        sa.UniqueConstraint('person_id', 'deadline'),
    )
    op.create_index('ix_reminder_case_id', 'reminder', ['case_id'])
    op.create_index('ix_reminder_person_id', 'reminder', ['person_id'])
    op.create_table(
        'occurrence',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('reminder_id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('due_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column('state', sa.Enum('PLANNED', 'CLAIMED', 'SENT', 'ACKNOWLEDGED', name='state'), nullable=False),
        sa.Column('try_at', actions.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('uncertain', sa.Boolean(), nullable=False),
        sa.Column('sent_at', actions.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column('repeated_at', actions.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column('acknowledged_at', actions.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['reminder_id'], ['reminder.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('reminder_id', 'day'),
        sqlite_autoincrement=True,
    )
    op.create_index('ix_occurrence_try_at', 'occurrence', ['try_at'])


def downgrade() -> None:
    op.drop_table('occurrence')
    op.drop_table('reminder')
    op.drop_table('preference')
    op.drop_column('account', 'blocked_at')
    for enum in ('shows', 'reminderkind', 'state'):
        sa.Enum(name=enum).drop(op.get_bind(), checkfirst=True)
