/** Who was here, and what did one of them go through? The people by label, and a page for each. */
import { t } from '../lib/i18n';
import { useMay } from '../lib/session';
import { Head } from '../ui/parts';
import { Find } from './people/Find';
import { One } from './people/One';

export default function People({ rest }: { rest: string }) {
  const may = useMay('analyst');
  if (!may)
    return (
      <Head
        title={t('People')}
        say={t('Your role sees numbers, not the people behind them. An administrator can change your role.')}
      />
    );
  return rest ? <One handle={rest} /> : <Find />;
}
