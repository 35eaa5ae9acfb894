/** By which stretches of time: the switch of all views over time. */
import { t } from '../lib/i18n';
import { Switch } from '../ui/parts';
import { one, type Unit } from './cohorts/buckets';

export function Every({ value, of, onPick }: { value: string; of: Unit[]; onPick: (unit: string) => void }) {
  return <Switch label={t('By')} value={value} options={of.map((unit) => [unit, one(unit)])} onPick={onPick} />;
}
