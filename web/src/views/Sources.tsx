export default function Sources(_: { rest: string }) {
  return null;
}
