"""consultations, their counts, and whose caseload the coordination may see"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import actions.store.types

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('person', sa.Column('share_caseload', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('case', sa.Column('purged_talks', sa.Integer(), nullable=False, server_default='0'))
    op.create_table(
        'consultation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('entry_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('form', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('duration_min', sa.Integer(), nullable=False),
        sa.Column('channel', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('topics', sa.JSON(), nullable=False),
        sa.Column('referral', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column('follow_up', sa.Date(), nullable=True),
        sa.Column('note', actions.store.types.Encrypted(), nullable=True),
        sa.Column('next_steps', actions.store.types.Encrypted(), nullable=True),
        sa.Column('gap', actions.store.types.Encrypted(), nullable=True),
        sa.Column('created_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column('updated_at', actions.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column('transferred_at', actions.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint('duration_min > 0', name='talk_of_some_length'),
        sa.ForeignKeyConstraint(['case_id'], ['case.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('entry_id'),
    )
    op.create_index('ix_consultation_case_id', 'consultation', ['case_id'])
    op.create_index('ix_consultation_person_id', 'consultation', ['person_id'])
    op.create_index('ix_consultation_transferred_at', 'consultation', ['transferred_at'])
    op.create_table(
        'statistic',
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('form', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('value', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('month', 'form', 'kind', 'value'),
    )


def downgrade() -> None:
    op.drop_table('statistic')
    op.drop_table('consultation')
    op.drop_column('case', 'purged_talks')
    op.drop_column('person', 'share_caseload')
