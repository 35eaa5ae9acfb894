/** Where the page begins. */
import '@fontsource-variable/inter/wght.css';
import './styles/index.css';
import { createRoot } from 'react-dom/client';
import { App } from './app';

createRoot(document.getElementById('root') as HTMLElement).render(<App />);
