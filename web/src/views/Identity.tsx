export default function Identity(_: { rest: string }) {
  return null;
}
